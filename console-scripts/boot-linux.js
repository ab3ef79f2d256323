/*
 * Boots Linux to a shell on the serial port, works in it, and switches the machine off.
 *
 * Without kernel= and initrd= it fetches Debian's own kernel and busybox and makes a RAM disk of them. With until= it
 * ends as soon as the serial output matches. With initrd= and without until= it lets the guest run until it switches
 * itself off.
 */
import { assert, defineArgs, log, Machine } from 'sallyport';
import { debianPackage, initramfs } from 'sallyport/images';
import { Shell } from './lib/shell.js';
import { summary } from './lib/summary.js';

const args = defineArgs({
  kernel: { type: 'file', help: "a Linux kernel (default: that of Debian's linux-image-amd64)" },
  initrd: { type: 'file', help: "a RAM disk (default: one with Debian's busybox-static)" },
  append: { help: "the kernel's command line", default: 'console=ttyS0' },
  memory: { help: 'RAM', type: 'size', default: '256M' },
  cpus: { help: 'number of processors', default: 1 },
  cpu: { help: 'what runs the guest', choices: ['auto', 'vmx', 'kvm'], default: 'auto' },
  until: { help: 'end with success when the output matches', type: 'regexp' },
  echo: { help: "show the guest's output", default: true },
  timeout: { default: '15m' },
});

const PROMPT = 'sallyport# ';

const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
dmesg -n 1
echo "init: up after $(cut -d ' ' -f 1 /proc/uptime) s"
export HOME=/ PS1='${PROMPT}'
exec setsid cttyhack sh
`;

const kernel = args.kernel ?? await debianPackage('linux-image-amd64', 'boot/vmlinuz-*');
const initrd = args.initrd ?? await initramfs({
  entries: {
    'init': { text: INIT, mode: 0o755 },
    'bin/busybox': { file: await debianPackage('busybox-static', 'bin/busybox'), mode: 0o755 },
    'bin/sh': { link: 'busybox' },
    'dev/console': { device: 'c 5:1' },
    'proc': {}, 'sys': {}, 'tmp': {},
  },
});

const vm = await Machine.create({
  name: 'linux',
  memory: args.memory,
  cpus: args.cpus,
  cpu: args.cpu,
  boot: { kernel, initrd, append: args.append },
});
const com1 = vm.serial('com1');
com1.echo(args.echo);

const start = Date.now();
await vm.start();

if (args.until) {
  const { text } = await com1.expect(args.until, { timeout: Infinity });
  console.log(`\nThe output matched after ${seconds()} s: ${text}`);
} else if (args.initrd) {
  const { message } = await vm.stopped;
  console.log(`\nThe machine stopped: ${message}`);
} else {
  await workInTheShell();
  console.log(`\nLinux booted, worked and switched itself off within ${seconds()} s.`);
}
console.log(`\n${summary(vm)}`);

async function workInTheShell() {
  const shell = new Shell(com1, PROMPT);
  const { index, text } = await com1.expect([/^init: up after/, /Kernel panic - .*|Oops: .*/], { timeout: Infinity });
  assert(index === 0, `the kernel says: ${text.trim()}`);
  log(`first line of init after ${seconds()} s`);
  await shell.ready();

  assert.equal(await shell.run('uname -sm'), 'Linux x86_64');
  assert.equal(await shell.run('echo $((6 * 7))'), '42');
  assert.equal(await shell.run(`awk 'BEGIN { printf "%.9f\\n", 22 / 7 }'`), '3.142857143', 'floating point');
  assert.equal(await shell.run('seq 1 1000 | md5sum'), '53d025127ae99ab79e8502aae2d9bea6  -', 'pipes and a checksum');

  const cpuinfo = await shell.run('cat /proc/cpuinfo');
  assert.equal(cpuinfo.match(/^processor\s*: \d+$/gm)?.length, args.cpus, 'Linux sees every processor');
  for (const flag of ['lm', 'nx', 'apic', 'sse2', 'sse4_2', 'popcnt', 'cx16']) {
    assert.match(cpuinfo, new RegExp(`^flags\\s*:.*\\b${flag}\\b`, 'm'), `the processor has ${flag}`);
  }

  const interrupts = await shell.run('cat /proc/interrupts');
  assert.match(interrupts, /^ *4: .*IO-APIC.*ttyS0$/m, 'the serial port interrupts through the IO APIC');

  assert.match(await shell.run('dmesg | grep -c ^'), /^[1-9]\d+$/, 'the kernel has a log');
  assert.equal(await shell.run(`dmesg | grep -E 'BUG: |Oops: |Call Trace|soft lockup|WARNING: CPU'`), '', 'no complaints in it');

  com1.sendLine('poweroff -f');
  const { kind, message } = await vm.stopped;
  assert.equal(kind, 'power-off', message);
}

function seconds() {
  return ((Date.now() - start) / 1000).toFixed(1);
}
