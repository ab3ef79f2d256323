/*
 * Measures a backend with the bare-metal loops of guests/bench: millions of instructions per second, and the time of an
 * iteration; that of the port loop is a port write and three more instructions.
 *
 * Each loop runs once to warm up what it runs on and then `rounds` times; the median counts. Compare figures only within
 * one run on a quiet machine. benchmark-linux.js measures Linux, benchmarks/run both beside QEMU.
 */
import { defineArgs, Machine, UsageError } from 'sallyport';
import { hostFile } from 'sallyport/images';

const args = defineArgs({
  cpu: { help: 'what runs the guest', choices: ['auto', 'vmx', 'kvm'], default: 'auto' },
  loops: {
    help: 'the loops, each with its iterations',
    default: 'integer:10000000,memory:10000000,call:400000,branch:10000000,string:20000,port:2000000',
  },
  rounds: { help: 'how often each loop runs', default: 3 },
  lines: { help: "print the guest's own lines instead of a table", default: false },
  timeout: { default: '20m' },
});

if (!args.lines) {
  console.log('loop      instructions     MIPS   ns/iteration   checksum');
}
for (const each of args.loops.split(',')) {
  const [, loop, count] = each.match(/^([a-z]+):(\d+)$/) ?? [];
  if (loop === undefined) {
    throw new UsageError(`loops: '${each}' is not NAME:ITERATIONS`);
  }
  const runs = [];
  for (let round = 0; round <= args.rounds; round++) {
    runs.push(await runLoop(loop, count));
  }
  runs.shift(); // the first one warms up what it runs on
  const { text, instructions, nanos, check } = runs.sort((a, b) => a.nanos - b.nanos)[runs.length >> 1];
  console.log(args.lines ? text
      : `${loop.padEnd(8)}${String(instructions).padStart(14)}${(instructions * 1000 / nanos).toFixed(1).padStart(9)}`
        + `${(nanos / count).toFixed(1).padStart(15)}   ${check}`);
}

async function runLoop(loop, count) {
  const vm = await Machine.create({
    memory: '16M',
    cpu: args.cpu,
    boot: { kernel: hostFile('../guests/bench/bench.elf', import.meta.url), append: `loop=${loop} count=${count}` },
  });
  await vm.start();
  const { text, groups: [instructions, ticks, check] } = await vm.serial('com1').expect(
      /^bench: loop=.* instructions=(\d+) ticks=(\d+) check=(\w+)\r?\n/, { timeout: '10m' });
  await vm.close();
  // The time-stamp counter counts nanoseconds.
  return { text: text.trimEnd(), instructions: Number(instructions), nanos: Number(ticks), check };
}
