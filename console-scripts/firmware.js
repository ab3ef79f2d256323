/*
 * Starts a machine from a firmware image: SeaBIOS, until its boot menu.
 *
 * SeaBIOS asks fw_cfg what machine it is on, makes its tables of the machine's own, shows its screen on the serial port
 * and writes a log to a debug port. The script presses ESC for the boot menu and ESC to leave it, and follows the tables
 * from the RSDP in memory; then it resets the machine. There is nothing to boot from. With until= it ends as soon as the
 * serial output matches.
 */
import { assert, defineArgs, log, Machine, sleep } from 'sallyport';
import { debianPackage } from 'sallyport/images';
import { acpiTables } from './lib/acpi.js';
import { summary } from './lib/summary.js';

const args = defineArgs({
  rom: { type: 'file', help: "a firmware image (default: that of Debian's seabios)" },
  memory: { help: 'RAM', type: 'size', default: '64M' },
  cpus: { help: 'number of processors', default: 1 },
  cpu: { help: 'what runs the guest', choices: ['auto', 'vmx', 'kvm'], default: 'auto' },
  until: { help: 'end with success when the output matches', type: 'regexp' },
  echo: { help: "show the firmware's screen and log", default: true },
  timeout: { default: '2m' },
});

const DEBUG_PORTS = { port: 0x501, console: 0x402 };

const vm = await Machine.create({
  name: 'firmware',
  memory: args.memory,
  cpus: args.cpus,
  cpu: args.cpu,
  boot: { rom: args.rom ?? await debianPackage('seabios', 'usr/share/seabios/bios-256k.bin') },
  devices: [
    'uart16550', 'pit8254', 'rtc', 'i8042', 'pci', 'acpi', 'fwcfg',
    { type: 'debugexit', name: 'bios', ...DEBUG_PORTS },
  ],
});
const screen = vm.serial('com1');
const journal = vm.serial('bios');
screen.echo(args.echo);
await vm.start();

if (args.until) {
  const { text } = await screen.expect(args.until, { timeout: Infinity });
  console.log(`\nThe output matched: ${text}`);
} else {
  await bootMenu();
}
console.log(`\n${summary(vm)}`);

async function bootMenu() {
  const { text: version } = await journal.expect(/^SeaBIOS \(version .*\)/);
  await journal.expect(/^Found QEMU fw_cfg/);
  const { groups: [found] } = await journal.expect(/^Found (\d+) cpu\(s\)/);
  assert.equal(Number(found), args.cpus, 'SeaBIOS starts every processor');
  const { groups: [fadt] } = await journal.expect(/^table\(50434146\)=0x([0-9a-f]+) /);
  const { groups: [dsdt, length] } = await journal.expect(/^ACPI: parse DSDT at 0x([0-9a-f]+) \(len (\d+)\)/);

  await screen.expect('Press ESC for boot menu');
  screen.send('\x1b');
  await screen.expect('Select boot device:');
  log('the boot menu is there');
  await sleep('1600ms'); // until then the menu takes ESC for a key that was pressed twice
  screen.send('\x1b');
  await journal.expect(/^e820 map has \d+ items:/);
  await screen.expect('No bootable device.');

  const tables = acpiTables(vm);
  assert.equal(tables.FACP?.address, parseInt(fadt, 16), 'the RSDP leads to the FADT that SeaBIOS found');
  assert.equal(tables.DSDT?.address, parseInt(dsdt, 16), 'and to its DSDT');
  assert.equal(tables.DSDT.length, Number(length));
  assert.equal(tables.APIC?.length > 0, true, 'and to the MADT');

  const text = journal.transcript().trimEnd();
  screen.echo(false);
  await vm.reset();
  await journal.expect(version);
  await screen.expect('Press ESC for boot menu');
  if (args.echo) {
    console.log(`\n\nWhat it wrote to its debug port:\n\n${text}`);
  }
  console.log(`\n${version} shows its boot menu, after a reset as well. Tables:`);
  for (const [name, { address, length: bytes }] of Object.entries(tables)) {
    console.log(`  ${name}  0x${address.toString(16).padStart(8, '0')}  ${bytes} bytes`);
  }
}
