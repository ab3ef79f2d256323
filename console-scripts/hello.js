/*
 * Hello, Sallyport: runs the small 64-bit guest that comes with it, and talks to it.
 *
 * The guest switches to long mode, takes page faults, counts interrupts of the PIT (through the PIC, then through the
 * IO APIC) and of the local APIC's timer, reads a line from the serial port by interrupt, and switches the machine off
 * by ACPI. The script watches the serial port and checks each line.
 */
import { assert, defineArgs, Machine } from 'sallyport';
import { hostFile } from 'sallyport/images';
import { summary } from './lib/summary.js';

const args = defineArgs({
  cpu: { help: 'what runs the guest', choices: ['auto', 'vmx', 'kvm'], default: 'auto' },
  line: { help: 'the line to send', default: 'a man, a plan, a canal' },
  echo: { help: 'show what the guest says', default: true },
  timeout: { default: '60s' },
});

const vm = await Machine.create({
  name: 'hello',
  memory: '32M',
  cpu: args.cpu,
  boot: { kernel: hostFile('../guests/hello/hello.elf', import.meta.url) },
});
const com1 = vm.serial('com1');
com1.echo(args.echo);
await vm.start();

await com1.expect(/^Hello from Sallyport$/);
const { groups: [vendor] } = await com1.expect(/^cpu: (.{12})/);
const { groups: [below, above] } = await com1.expect(/^memory: (\d+) KiB below 640 KiB, (\d+) KiB above 1 MiB$/);
assert(below <= 640 && above > 30 * 1024 && above <= 31 * 1024, 'the guest sees its 32 MiB');
await com1.expect(/^paging: .* handled at /);

for (const timer of ['pit', 'ioapic', 'lapic']) {
  await com1.expect(`${timer}: 10 ticks`);
}

await com1.expect('type a line: ');
com1.sendLine(args.line);
const { groups: [reversed] } = await com1.expect(/^reversed: (.*)$/);
assert.equal(reversed, [...args.line].reverse().join(''), 'the guest reverses the line');

const { kind, message } = await vm.stopped;
assert.equal(kind, 'power-off', message);

console.log(`\nThe guest ran on ${vm.statistics().backend} (${vendor}) and switched itself off.\n`);
console.log(summary(vm));
