/*
 * ACPI tables in a machine's memory, found as an operating system finds them (ACPI specification 6.4, section 5.2).
 */
import { assert } from 'sallyport';

const BIOS_AREA = { first: 0xe0000, end: 0x100000 };
const RSDP_SIGNATURE = 0x2052545020445352n; // 'RSD PTR '
const RSDP_LENGTH = 36;
const HEADER = 36;

/** The tables by signature, each with its address and length; every checksum is checked. */
export function acpiTables(vm) {
  const rsdp = findRsdp(vm);
  checksum(vm, 'RSDP', rsdp, RSDP_LENGTH);
  const tables = { 'RSDP': { address: rsdp, length: RSDP_LENGTH } };
  const xsdt = Number(vm.read(rsdp + 24, 8));
  add(vm, tables, xsdt);
  for (let at = HEADER; at < tables.XSDT.length; at += 8) {
    const signature = add(vm, tables, Number(vm.read(xsdt + at, 8)));
    if (signature === 'FACP') {
      const { address } = tables.FACP;
      add(vm, tables, Number(vm.read(address + 140, 8)) || vm.read(address + 40));
    }
  }
  return tables;
}

function findRsdp(vm) {
  for (let at = BIOS_AREA.first; at < BIOS_AREA.end; at += 16) {
    if (vm.read(at, 8) === RSDP_SIGNATURE) {
      return at;
    }
  }
  assert.fail('there is no RSDP between 0xE0000 and 1 MiB');
}

function add(vm, tables, address) {
  const signature = String.fromCharCode(...vm.readBytes(address, 4));
  const length = vm.read(address + 4);
  checksum(vm, signature, address, length);
  tables[signature] = { address, length };
  return signature;
}

function checksum(vm, name, address, length) {
  const sum = vm.readBytes(address, length).reduce((total, byte) => total + byte, 0);
  assert.equal(sum & 0xff, 0, `the checksum of the ${name} at 0x${address.toString(16)}`);
}
