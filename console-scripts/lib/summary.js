/*
 * What a machine has done, as a table: time, instructions, VM exits by reason, interrupts by line.
 */

export function summary(vm) {
  const { backend, running, instructions, mips, exits } = vm.statistics();
  const rows = [
    ['backend', backend ?? 'none'],
    ['time', `${(running / 1000).toFixed(2)} s`],
  ];
  if (mips !== null) {
    rows.push(['instructions', `${count(instructions)} (${mips.toFixed(1)} MIPS)`]);
  }
  const total = Object.values(exits).reduce((sum, each) => sum + each, 0);
  rows.push(['VM exits', count(total)]);
  for (const [reason, number] of Object.entries(exits).sort(([, a], [, b]) => b - a)) {
    rows.push([`  ${reason}`, count(number)]);
  }
  const lines = vm.irqs().filter((line) => line.raised > 0 || line.delivered > 0);
  rows.push(['interrupt lines', lines.length === 0 ? 'none was raised' : '']);
  for (const { gsi, sources, raised, delivered } of lines) {
    rows.push([`  ${gsi} ${sources.join(', ')}`, `raised ${count(raised)}, delivered ${count(delivered)}`]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd()).join('\n');
}

/** 1234567 as 1,234,567. */
const count = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ',');
