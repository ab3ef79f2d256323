/*
 * Reads the list of tests that kvm-unit-tests keeps beside its images (x86/unittests.cfg): sections in brackets, `key = value` in each.
 */

const DEFAULT_LIMIT = 90;

/** The entries of a list, in order: { name, file, smp, args, options, arch, groups, limit }. Limits are seconds. */
export function parse(text) {
  return sections(text).map(({ name, values }) => ({
    name,
    file: values.file ?? '',
    smp: Number.parseInt(values.smp ?? '1', 10),
    args: words(values.test_args ?? ''),
    options: words(values.qemu_params ?? values.extra_params ?? ''),
    arch: values.arch ?? '',
    groups: words(values.groups ?? ''),
    limit: values.timeout === undefined ? undefined : Number.parseInt(values.timeout, 10),
  }));
}

/** How long an entry may run, in milliseconds. */
export const limitOf = (entry, factor) => (entry.limit ?? DEFAULT_LIMIT) * 1000 * factor;

function sections(text) {
  const result = [];
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const heading = /^\[(.*)\]\s*$/.exec(lines[i]);
    const setting = /^(\w+)\s*=\s*(.*)$/.exec(lines[i]);
    if (heading) {
      result.push({ name: heading[1], values: {} });
    } else if (setting && result.length > 0) {
      let value = setting[2];
      if (value.startsWith('"""')) { // several lines; a backslash at the end of one joins it to the next
        value = value.slice(3);
        while (!/"""\s*$/.test(value) && i + 1 < lines.length) {
          value += `\n${lines[++i]}`;
        }
        value = value.replace(/"""\s*$/, '').replace(/\\\n/g, '');
      }
      result.at(-1).values[setting[1]] = value.trim();
    }
  }
  return result;
}

/** Words as a shell makes them of such values: blanks between them, quotes, and one command that the list uses. */
export function words(text) {
  const expanded = text.replace(/`date \+%s`/g, () => String(Math.floor(Date.now() / 1000)));
  const result = [];
  for (const [word] of expanded.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)) {
    result.push(word.replace(/"([^"]*)"|'([^']*)'/g, (all, double, single) => double ?? single));
  }
  return result;
}
