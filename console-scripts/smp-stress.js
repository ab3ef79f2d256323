/*
 * Stresses several processors under Linux: parallel compression that is checked, fork storms, and threads that hand a word to and fro
 * with futexes, all at the same time. Fails when a check fails, when one of the loads makes no progress between two looks, or when the
 * kernel complains ("soft lockup", a stall, a warning).
 */
import { assert, defineArgs, log, Machine } from 'sallyport';
import { debianPackage, hostFile, initramfs } from 'sallyport/images';
import { Shell } from './lib/shell.js';
import { summary } from './lib/summary.js';

const args = defineArgs({
  kernel: { type: 'file', help: "a Linux kernel (default: that of Debian's linux-image-amd64)" },
  append: { help: "the kernel's command line", default: 'console=ttyS0' },
  memory: { help: 'RAM', type: 'size', default: '512M' },
  cpus: { help: 'number of processors', default: 4 },
  cpu: { help: 'what runs the guest', choices: ['auto', 'vmx', 'kvm'], default: 'auto' },
  duration: { help: 'how long the stress lasts', type: 'duration', default: '10m' },
  look: { help: 'time between two looks at the progress', type: 'duration', default: '30s' },
  echo: { help: "show the guest's output", default: false },
  timeout: { default: '40m' },
});

const PROMPT = 'sallyport# ';

const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
dmesg -n 1
echo "init: up"
export HOME=/ PS1='${PROMPT}'
exec setsid cttyhack sh
`;

// Each load writes a line into its file for each time it has gone round; what went wrong stands in /tmp/bad.
const LOADS = {
  compress: `
    head -c 10000 /dev/urandom | od > $1
    gzip -c < $1 | gunzip -c | cmp -s - $1 || echo "compress: wrong data" >> /tmp/bad`,
  forks: `
    i=0
    while [ $i -lt 40 ]; do (exit $i) & i=$((i + 1)); done
    wait`,
  futex: `
    futex 2 500 > /dev/null || echo "futex: lost" >> /tmp/bad`,
};

const load = (name) => `#!/bin/sh
while [ ! -e /tmp/stop ]; do
${LOADS[name]}
  echo >> /tmp/rounds.${name}
done
`;

const entries = {
  'init': { text: INIT, mode: 0o755 },
  'bin/busybox': { file: await debianPackage('busybox-static', 'bin/busybox'), mode: 0o755 },
  'bin/futex': { file: hostFile('../guests/futex/futex', import.meta.url), mode: 0o755 },
  'bin/sh': { link: 'busybox' },
  'dev/console': { device: 'c 5:1' },
  'proc': {}, 'sys': {}, 'tmp': {},
};
entries['bin/complaints'] = { // a script, as the shell breaks long lines in what it echoes
    text: `#!/bin/sh\ndmesg | grep -E 'BUG: |Oops|Call Trace|lockup|stall|hung|WARNING: CPU'\n`,
    mode: 0o755,
  };
for (const name of Object.keys(LOADS)) {
  entries[`bin/load-${name}`] = { text: load(name), mode: 0o755 };
}

const vm = await Machine.create({
  name: 'stress',
  memory: args.memory,
  cpus: args.cpus,
  cpu: args.cpu,
  boot: {
    kernel: args.kernel ?? await debianPackage('linux-image-amd64', 'boot/vmlinuz-*'),
    initrd: await initramfs({ entries }),
    append: args.append,
  },
});
const com1 = vm.serial('com1');
com1.echo(args.echo);
await vm.start();
await com1.expect(/^init: up/, { timeout: Infinity });
const shell = new Shell(com1, PROMPT, { timeout: '5m' });
await shell.ready();
assert.equal(await shell.run('grep -c ^processor /proc/cpuinfo'), String(args.cpus), 'Linux brought up every processor');
log(`Linux is up with ${args.cpus} processors`);

await shell.run(`touch ${Object.keys(LOADS).map((name) => `/tmp/rounds.${name}`).join(' ')}`);
await shell.run(`for n in $(seq ${args.cpus}); do load-compress /tmp/data.$n & done; load-forks & load-futex &`);
let before = Object.fromEntries(Object.keys(LOADS).map((name) => [name, 0]));
const end = Date.now() + args.duration;
while (Date.now() < end) {
  await shell.run(`sleep ${Math.ceil(Math.min(args.look, end - Date.now()) / 1000)}`);
  const now = await progress();
  log(Object.entries(now).map(([name, rounds]) => `${name} ${rounds}`).join(', '));
  for (const name of Object.keys(LOADS)) {
    assert(now[name] > before[name] || Date.now() >= end, `${name} makes no progress`);
  }
  assert.equal(await shell.run('cat /tmp/bad 2> /dev/null'), '', 'a check failed');
  assert.equal(await complaints(), '', 'the kernel complains');
  before = now;
}
await shell.run('touch /tmp/stop; wait');
assert.equal(await shell.run('cat /tmp/bad 2> /dev/null'), '', 'a check failed');
assert.equal(await complaints(), '', 'the kernel complains');
const shares = (await shell.run("grep -E 'LOC|RES|CAL|TLB' /proc/interrupts")).trimEnd();
com1.sendLine('poweroff -f');
await vm.stopped;
console.log(`\nThe stress ended well.\n${shares}\n\n${summary(vm)}`);

async function progress() {
  const rounds = {};
  for (const name of Object.keys(LOADS)) {
    rounds[name] = Number(await shell.run(`wc -l < /tmp/rounds.${name}`));
  }
  return rounds;
}

function complaints() {
  return shell.run('complaints');
}
