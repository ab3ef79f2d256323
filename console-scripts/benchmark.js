/*
 * Measures a backend: millions of instructions per second in bare-metal loops, the time of a port write, and how long
 * Linux takes from the machine's start to the first line of init.
 *
 * The loops run on the guest guests/bench, each `rounds` times; the median counts. Compare figures only within one run
 * on a quiet machine. `boot=false` leaves Linux out; benchmarks/against-qemu.sh runs the same beside QEMU.
 */
import { defineArgs, Machine } from 'sallyport';
import { debianPackage, hostFile, initramfs } from 'sallyport/images';

const args = defineArgs({
  cpu: { help: 'what runs the guest', choices: ['auto', 'vmx', 'kvm'], default: 'auto' },
  rounds: { help: 'how often each loop runs', default: 3 },
  boot: { help: 'boot Linux too', default: true },
  kernel: { type: 'file', help: "a Linux kernel (default: that of Debian's linux-image-amd64)" },
  timeout: { default: '20m' },
});

const LOOPS = { integer: 10_000_000, memory: 10_000_000, call: 5_000_000, branch: 10_000_000, string: 20_000, port: 2_000_000 };

console.log('loop      instructions     MIPS   ns/iteration');
for (const [loop, count] of Object.entries(LOOPS)) {
  const runs = [];
  for (let round = 0; round <= args.rounds; round++) {
    runs.push(await runLoop(loop, count));
  }
  runs.shift(); // the first one warms up what it runs on
  const { instructions, nanos } = runs.sort((a, b) => a.nanos - b.nanos)[runs.length >> 1];
  console.log(`${loop.padEnd(8)}${String(instructions).padStart(14)}${(instructions * 1000 / nanos).toFixed(1).padStart(9)}`
      + `${(nanos / count).toFixed(1).padStart(15)}`);
}
if (args.boot) {
  console.log(`\nLinux, start to the first line of init: ${await bootTime()} s`);
}

async function runLoop(loop, count) {
  const vm = await Machine.create({
    memory: '16M',
    cpu: args.cpu,
    boot: { kernel: hostFile('../guests/bench/bench.elf', import.meta.url), append: `loop=${loop} count=${count}` },
  });
  await vm.start();
  const { groups: [instructions, ticks] } =
      await vm.serial('com1').expect(/instructions=(\d+) ticks=(\d+)/, { timeout: '5m' });
  await vm.close();
  return { instructions: Number(instructions), nanos: Number(ticks) }; // the time-stamp counter counts nanoseconds
}

async function bootTime() {
  const vm = await Machine.create({
    memory: '256M',
    cpu: args.cpu,
    boot: {
      kernel: args.kernel ?? await debianPackage('linux-image-amd64', 'boot/vmlinuz-*'),
      initrd: await initramfs({
        entries: {
          'init': { text: '#!/bin/busybox sh\necho "init: here"\nexec busybox poweroff -f\n', mode: 0o755 },
          'bin/busybox': { file: await debianPackage('busybox-static', 'bin/busybox'), mode: 0o755 },
          'dev/console': { device: 'c 5:1' },
        },
      }),
      append: 'console=ttyS0',
    },
  });
  const start = Date.now();
  await vm.start();
  await vm.serial('com1').expect(/^init: here/, { timeout: Infinity });
  const seconds = (Date.now() - start) / 1000;
  await vm.close();
  return seconds.toFixed(1);
}
