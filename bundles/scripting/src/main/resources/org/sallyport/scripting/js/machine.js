// Virtual machines.
import { host as root, parse, promised } from './host.js';
import { Serial } from './serial.js';

const SECRET = Symbol('made by Machine.create() and Machine.find()');

export class Machine {
  #host;
  #stopped;
  #serials = new Map();

  constructor(secret, host) {
    if (secret !== SECRET) {
      throw new TypeError('use await Machine.create({ ... })');
    }
    this.#host = host;
  }

  /** Makes a machine. One that a script made is closed when the script ends. */
  static async create(description = {}) {
    return new Machine(SECRET, await promised((resolve, reject) => root.create(description, resolve, reject)));
  }

  /** A machine that is already there, or null. */
  static find(name) {
    const found = root.machine(name);
    return found === null ? null : new Machine(SECRET, found);
  }

  /** The names of all machines, whoever made them. */
  static names() {
    return JSON.parse(root.machineNames());
  }

  /** The CPU backends: { name, available, reason, features, physicalBits }. */
  static backends() {
    return JSON.parse(root.backends());
  }

  get name() {
    return this.#host.name();
  }

  /** 'created', 'running', 'paused' or 'stopped'. */
  get state() {
    return this.#host.state();
  }

  /** Number of processors. */
  get cpus() {
    return this.#host.cpus();
  }

  /** RAM in bytes. */
  get memory() {
    return this.#host.memorySize();
  }

  /** What keeps it from starting, a sentence each. */
  get problems() {
    return JSON.parse(this.#host.problems());
  }

  /** A promise of why it stopped: { kind, message, status }. */
  get stopped() {
    return this.#stopped ??= new Promise((resolve) => this.#host.whenStopped((reason) => resolve(JSON.parse(reason))));
  }

  /** Builds the devices, loads the guest and runs it. */
  start() {
    return promised((resolve, reject) => this.#host.start(resolve, reject));
  }

  /** Stops the processors at an instruction boundary, and the clock with them. */
  pause() {
    return promised((resolve, reject) => this.#host.pause(resolve, reject));
  }

  resume() {
    return promised((resolve, reject) => this.#host.resume(resolve, reject));
  }

  /** Resets as the reset line does, and loads the guest again. */
  reset() {
    return promised((resolve, reject) => this.#host.reset(resolve, reject));
  }

  /** Executes instructions on the first processor of a paused machine. */
  step(instructions = 1) {
    return promised((resolve, reject) => this.#host.step(instructions, resolve, reject));
  }

  /** Ends it at once. */
  async stop() {
    await promised((resolve, reject) => this.#host.stop(resolve, reject));
    return this.stopped;
  }

  /** Ends it and frees its memory and its name. */
  close() {
    return promised((resolve, reject) => this.#host.close(resolve, reject));
  }

  /** Presses the power button; a guest that listens shuts down. */
  powerButton() {
    this.#host.powerButton();
  }

  /** The far end of a serial port. */
  serial(device = 'com1') {
    if (!this.#serials.has(device)) {
      this.#serials.set(device, new Serial(this.#host.serial(device), device));
    }
    return this.#serials.get(device);
  }

  /** Reads 1, 2, 4 or 8 bytes of physical memory; 8 give a BigInt. */
  read(address, size = 4) {
    const value = this.#host.read(address, accessSize(size));
    return size === 8 ? BigInt(value) : value;
  }

  /** Writes 1, 2, 4 or 8 bytes of physical memory. */
  write(address, size, value) {
    this.#host.write(address, accessSize(size), value);
  }

  /** Reads physical memory; gives a Uint8Array. */
  readBytes(address, length) {
    return new Uint8Array(new ArrayBuffer(this.#host.readBytes(address, length)));
  }

  /** Writes physical memory. */
  writeBytes(address, bytes) {
    this.#host.writeBytes(address, Uint8Array.from(bytes).buffer);
  }

  /** The physical address of a processor's linear address (a BigInt), or null when nothing is mapped there. */
  translate(linear, cpu = 0) {
    const physical = this.#host.translate(linear, cpu);
    return physical === '' ? null : BigInt(physical);
  }

  /** A processor's registers by their names; 64-bit values are BigInts. */
  registers(cpu = 0) {
    return parse(this.#host.registers(cpu));
  }

  /** The fields of a processor's VMCS. */
  vmcs(cpu = 0) {
    return parse(this.#host.vmcs(cpu));
  }

  /** Instructions at a linear address, or where the processor is. */
  disassemble(address = null, { count = 10, cpu = 0 } = {}) {
    return parse(this.#host.disassemble(address, count, cpu));
  }

  devices() {
    return JSON.parse(this.#host.devices());
  }

  /** The interrupt lines and how often each was raised and delivered. */
  irqs() {
    return JSON.parse(this.#host.irqs());
  }

  /** VM exits by reason. */
  exits() {
    return this.statistics().exits;
  }

  /** What the machine has done so far. */
  statistics() {
    const result = JSON.parse(this.#host.statistics());
    result.mips = result.instructions < 0 || result.running === 0 ? null : result.instructions / result.running / 1000;
    return result;
  }

  /** The last lines of its log. */
  log() {
    return JSON.parse(this.#host.log());
  }

  toString() {
    return `Machine ${this.name} (${this.state})`;
  }
}

function accessSize(size) {
  if (![1, 2, 4, 8].includes(size)) {
    throw new RangeError(`${size} is no size of an access: use 1, 2, 4 or 8`);
  }
  return size;
}
