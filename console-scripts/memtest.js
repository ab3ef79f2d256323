/*
 * Runs memtest86+ over a machine's memory, as if that could be broken: a long program of loads and stores of every kind
 * that notices each wrong bit.
 *
 * Without image= it fetches Debian's memtest86+. The Linux loader starts it; its screen is mirrored to the serial port.
 * The script names each test as it begins, and ends after passes= passes, or at the first error with a failure. A pass
 * over 64 MiB is some 63 billion instructions: 10 to 25 minutes.
 */
import { assert, defineArgs, log, Machine } from 'sallyport';
import { debianPackage } from 'sallyport/images';
import { summary } from './lib/summary.js';

const args = defineArgs({
  image: { type: 'file', help: "memtest86+'s image (default: that of Debian's memtest86+)" },
  append: { help: 'its command line', default: 'console=ttyS0,115200 nopause nobigstatus' },
  memory: { help: 'RAM', type: 'size', default: '64M' },
  cpu: { help: 'what runs the guest', choices: ['auto', 'vmx', 'kvm'], default: 'auto' },
  passes: { help: 'how many passes', default: 1 },
  until: { help: 'end with success when the output matches', type: 'regexp' },
  echo: { help: 'show its screen', default: false },
  timeout: { default: '2h' },
});

/** A line of its screen, which it draws again every two seconds. */
const COUNTERS = /Pass: +(\d+) +Errors: +(\d+)/;
const TEST = /#(\d+) +\[(.+?)\]/g;

const vm = await Machine.create({
  name: 'memtest',
  memory: args.memory,
  cpu: args.cpu,
  boot: { kernel: args.image ?? await debianPackage('memtest86+', 'boot/memtest86+x64.bin'), append: args.append },
});
const screen = vm.serial('com1');
screen.echo(args.echo);
watchTests();
await vm.start();

if (args.until) {
  const { text } = await screen.expect(args.until, { timeout: Infinity });
  console.log(`\nThe output matched: ${text}`);
} else {
  await passes();
  console.log(`\n${args.passes} ${args.passes === 1 ? 'pass' : 'passes'} without an error.`);
}
console.log(`\n${summary(vm)}`);

async function passes() {
  for (;;) {
    const { groups: [done, errors] } = await screen.expect(COUNTERS, { timeout: '5m' });
    assert.equal(Number(errors), 0, 'memtest86+ counts errors; echo=true shows where');
    if (Number(done) >= args.passes) {
      return;
    }
  }
}

/** Names each test when it begins. */
function watchTests() {
  let current = '';
  let rest = '';
  screen.onData((text) => {
    rest += text;
    let end = 0;
    for (const match of rest.matchAll(TEST)) {
      const [line, number, name] = match;
      end = match.index + line.length;
      if (number !== current) {
        current = number;
        log(`test ${number}: ${name}`);
      }
    }
    rest = rest.slice(end).slice(-100); // a line may come in two pieces
  });
}
