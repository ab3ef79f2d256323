# Makes the table out of rows.tsv (what the rows are) and runs.tsv (what was measured); writes the same to the file
# `results`. Fields are separated by tabs. A ratio is QEMU's time over Sallyport's: more is better.

/^#/ { next }

FILENAME == ARGV[1] {
  row[++rows] = $1
  group[$1] = $2
  in_set[$1] = $3
  unit[$1] = $4
  target[$1] = $5
  what[$1] = $6
  next
}

{ values[$2, $3] = values[$2, $3] " " $4 }

# The median of numbers separated by blanks; "" of none.
function median(text,    v, n, i, j, swap) {
  n = split(text, v, " ")
  if (n == 0) return ""
  for (i = 2; i <= n; i++) {
    for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) { swap = v[j]; v[j] = v[j - 1]; v[j - 1] = swap }
  }
  return n % 2 ? v[(n + 1) / 2] + 0 : (v[n / 2] + v[n / 2 + 1]) / 2
}

function quotient(a, b) { return a == "" || b == "" || b == 0 ? "" : a / b }

# Three significant digits or so.
function shown(x) {
  if (x == "") return "-"
  return sprintf(x >= 100 ? "%.0f" : x >= 10 ? "%.1f" : x >= 1 ? "%.2f" : "%.3f", x)
}

# "yes", "no", or "" without a target or a value.
function met(name, ratio, ours,    value, limit) {
  if (target[name] == "") return ""
  value = target[name] ~ /^ratio/ ? ratio : ours
  if (value == "") return ""
  limit = target[name]
  sub(/^[a-z]+[<>]=/, "", limit)
  return (target[name] ~ /<=/ ? value <= limit + 0 : value >= limit + 0) ? "yes" : "no"
}

function line(name, unit, native, theirs, ours, ratio, target, verdict, what) {
  printf "%-16s%-6s%9s%11s%11s%8s  %-11s%-5s%s\n", name, unit, native, theirs, ours, ratio, target, verdict, what
}

function record(name, unit, native, theirs, ours, ratio, verdict) {
  printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, unit, native, theirs, ours, ratio, target[name], verdict > results
}

# Counts a ratio into a geometric mean.
function add(mean, ratio) {
  if (ratio == "") return
  logarithms[mean] += log(ratio)
  count[mean]++
}

function mean(name, text,    ratio, verdict) {
  if (count[name] == 0) return
  ratio = exp(logarithms[name] / count[name])
  verdict = met(name, ratio, "")
  line(name, "", "", "", "", shown(ratio), target[name], verdict, text " (" count[name] ")")
  record(name, "", "", "", "", ratio, verdict)
}

END {
  print head
  print ""
  printf "" > results
  print "row\tunit\tnative\tqemu\tsallyport\tratio\ttarget\tmet" > results
  line("", "unit", "native", "QEMU TCG", "Sallyport", "ratio", "target", "met", "")
  target["mean compute"] = "ratio>=2"
  target["mean published"] = "ratio>=1.2"
  for (i = 1; i <= rows; i++) {
    name = row[i]
    native = median(values["native", name])
    theirs = median(values["qemu", name])
    ours = median(values["sallyport", name])
    if (name == "speed-up") {
      theirs = quotient(2 * median(values["qemu", "parallel-1"]), median(values["qemu", "parallel-2"]))
      ours = quotient(2 * median(values["sallyport", "parallel-1"]), median(values["sallyport", "parallel-2"]))
    }
    if (native == "" && theirs == "" && ours == "") continue
    # More of these two is not better or worse in the way of a time.
    ratio = name == "speed-up" || name == "memory-MiB" ? "" : quotient(theirs, ours)
    verdict = met(name, ratio, ours)
    line(name, unit[name], shown(native), shown(theirs), shown(ours), shown(ratio), target[name], verdict, what[name])
    record(name, unit[name], native, theirs, ours, ratio, verdict)
    if (group[name] != "" && group[name] != "bare" && group[name] != "exits") {
      add("mean " group[name], ratio)
      add("mean all", ratio)
    }
    if (group[name] == "bare") add("mean bare", ratio)
    if (in_set[name] != "") add("mean published", ratio)
  }
  print ""
  mean("mean compute", "geometric mean: steady compute")
  mean("mean vector", "geometric mean: SSE2 and x87")
  mean("mean system", "geometric mean: system loads")
  mean("mean published", "geometric mean: the loads that were compared before")
  mean("mean all", "geometric mean: all loads inside Linux but the exits")
  mean("mean bare", "geometric mean: bare-metal loops")
  print ""
  print "native: the host itself. Ratio: QEMU's time over Sallyport's, more is better."
}
