/*
 * Measures loads inside Linux, right after the boot: integer and floating-point programs, strings, system calls,
 * processes, pipes, page faults, exits to devices; and, with cpus=2, two processors against one. The loads are those of
 * guests/loads, which checks its own results: a wrong one ends the script with status 1.
 *
 * benchmarks/run runs the same beside QEMU, alternately. With prepare=true this only prints what both boot.
 */
import { assert, defineArgs, Machine } from 'sallyport';
import { debianPackage, hostFile, initramfs } from 'sallyport/images';

const args = defineArgs({
  loads: { help: 'names with commas (default: all; with cpus=2, parallel)' },
  scale: { help: 'per cent of the work', default: 100 },
  cpus: { help: 'number of processors', default: 1 },
  cpu: { help: 'what runs the guest', choices: ['auto', 'vmx', 'kvm'], default: 'auto' },
  memory: { help: 'RAM', type: 'size', default: '256M' },
  kernel: { type: 'file', help: "a Linux kernel (default: that of Debian's linux-image-amd64)" },
  initrd: { type: 'file', help: 'what prepare=true has printed' },
  prepare: { help: 'print the names of the kernel and of the RAM disk, run nothing', default: false },
  echo: { help: "show the guest's output and nothing else", default: false },
  timeout: { default: '30m' },
});

const kernel = args.kernel ?? await debianPackage('linux-image-amd64', 'boot/vmlinuz-*');
const initrd = args.initrd ?? await initramfs({
  entries: {
    'init': { file: hostFile('../guests/loads/loads.elf', import.meta.url), mode: 0o755 },
    'dev/console': { device: 'c 5:1' },
    'dev/mem': { device: 'c 1:1' },
  },
});
if (args.prepare) {
  console.log(`kernel ${kernel}\ninitrd ${initrd}`);
} else {
  await measure();
}

async function measure() {
  const loads = args.loads ?? (args.cpus > 1 ? 'parallel' : undefined);
  const vm = await Machine.create({
    memory: args.memory,
    cpus: args.cpus,
    cpu: args.cpu,
    boot: {
      kernel,
      initrd,
      append: `console=ttyS0 iomem=relaxed scale=${args.scale}${loads === undefined ? '' : ` loads=${loads}`}`,
    },
  });
  const com1 = vm.serial('com1');
  com1.echo(args.echo);
  const say = args.echo ? () => {} : console.log;
  const start = Date.now();
  await vm.start();
  await expectWell(/^init: up/);
  say(`start to the first line of init: ${((Date.now() - start) / 1000).toFixed(1)} s\n\nload                 s`);
  const seconds = {};
  for (;;) {
    const { groups: [, name, time, wrong] } = await expectWell(/^(load (\S+) (\S+).*|loads: done, (\d+) wrong)\r?\n/);
    if (wrong !== undefined) {
      assert.equal(Number(wrong), 0, 'loads with a wrong result');
      break;
    }
    say(`${name.padEnd(14)}${(time.match(/^\d/) ? Number(time).toFixed(3) : time).padStart(8)}`);
    seconds[name] = Number(time);
  }
  if (seconds['parallel-2'] > 0) {
    say(`\ntwo processors do ${(2 * seconds['parallel-1'] / seconds['parallel-2']).toFixed(2)} times the work of one`);
  }
  await vm.stopped;

  async function expectWell(pattern) {
    const match = await com1.expect([pattern, /Kernel panic - .*|Oops: .*/], { timeout: Infinity });
    assert(match.index === 0, `the kernel says: ${match.text.trim()}`);
    return match;
  }
}
