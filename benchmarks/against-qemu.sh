#!/bin/bash
# Boots the same Linux kernel to the first line of init under QEMU's TCG and under Sallyport, alternately, and prints the
# medians and their ratio. Needs qemu-system-x86_64 (Debian: qemu-system-x86). Run it on a quiet machine.
#
#   benchmarks/against-qemu.sh [KERNEL [INITRD [ROUNDS]]]
#
# KERNEL and INITRD default to what boot-linux.js has fetched or made; its init prints "init: up after".
set -euo pipefail
cd "$(dirname -- "$(readlink -f -- "$0")")/.."

command -v qemu-system-x86_64 > /dev/null || { echo 'against-qemu.sh: install qemu-system-x86' >&2; exit 1; }
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sallyport
kernel=${1:-$(find "$cache" -name 'vmlinuz-*' 2> /dev/null | head -n 1)}
initrd=${2:-$(find "$cache" -name '*.cpio.gz' -printf '%T@ %p\n' 2> /dev/null | sort -n | tail -n 1 | cut -d ' ' -f 2)}
rounds=${3:-3}
[ -n "$kernel" ] && [ -n "$initrd" ] || { echo 'against-qemu.sh: run console-scripts/boot-linux.js first' >&2; exit 1; }
first='init: '

# milliseconds COMMAND...: until its output has the first line of init; then it is ended.
milliseconds() {
  local start end output
  output=$(mktemp -u)
  mkfifo "$output"
  start=$(date +%s%N)
  setsid "$@" < /dev/null > "$output" 2> /dev/null &
  grep -q -m 1 "$first" < "$output" || true
  end=$(date +%s%N)
  kill -- "-$!" 2> /dev/null || true
  wait "$!" 2> /dev/null || true
  rm "$output"
  echo $(((end - start) / 1000000))
}

qemu=(qemu-system-x86_64 -accel tcg,thread=single -m 256 -display none -serial stdio -no-reboot
  -kernel "$kernel" -initrd "$initrd" -append console=ttyS0)
sallyport=(./sallyport run console-scripts/boot-linux.js "kernel=$kernel" "initrd=$initrd" "until=$first")

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

theirs=()
ours=()
for ((round = 1; round <= rounds; round++)); do
  theirs+=("$(milliseconds "${qemu[@]}")")
  ours+=("$(milliseconds "${sallyport[@]}")")
  echo "round $round: QEMU TCG ${theirs[-1]} ms, Sallyport ${ours[-1]} ms (the JVM's start included)"
done
q=$(printf '%s\n' "${theirs[@]}" | median)
s=$(printf '%s\n' "${ours[@]}" | median)
echo "median: QEMU TCG $q ms, Sallyport $s ms: $(awk "BEGIN {printf \"%.1f\", $s / $q}") times QEMU's time"
