/**
 * The interface of Sallyport's scripts. A script is an ECMAScript module with top-level `await`; it ends when it has run to its end, and the
 * machines that it made are closed then.
 *
 * Exit status: 0 success; 1 an uncaught error or a failed assertion; 2 wrong arguments; 3 a time-out (an uncaught `TimeoutError`, or the
 * argument `timeout=` that every script takes); 130 interrupted; or what `exit(status)` says.
 *
 * Durations are text ('500ms', '60s', '5m', '1h') or a number of milliseconds; sizes are text ('64K', '256M', '1G') or a number of bytes.
 * Addresses are numbers or BigInts.
 *
 * The globals `console`, `setTimeout`, `setInterval`, `clearTimeout`, `clearInterval` and `queueMicrotask` are what they are elsewhere.
 */
declare module 'sallyport' {
  type Duration = string | number;
  type Size = string | number;
  type Address = number | bigint;

  interface MachineDescription {
    /** Unique; otherwise the script's name is taken. */
    name?: string;
    memory?: Size;
    /** Number of processors, 1 to 16. */
    cpus?: number;
    /** The backend: 'vmx', 'kvm' or 'auto'; or everything about the processors. */
    cpu?: string | CpuDescription;
    /** Changes to the CPU model: '+name', '-name'. */
    features?: string[] | string;
    /** File names are relative to the current directory; see hostFile(). */
    boot?: {
      kernel?: string; initrd?: string; append?: string; rom?: string; format?: string;
      /** Multiboot modules: a file, and the text that goes with it. */
      modules?: (string | { file: string; append?: string })[];
    };
    /** Instead of the devices of a standard PC. */
    devices?: { type: string; name?: string; [property: string]: unknown }[];
    /** What a guest's reset or triple fault does. */
    reset?: 'reboot' | 'stop';
  }

  interface CpuDescription {
    /** 'vmx', 'kvm' or 'auto'. */
    backend?: string;
    /**
     * 'standard' (the default: what the backend can do, without protection keys, control-flow enforcement and address
     * masking), 'max' (everything), or a level of the x86-64 ABI: 'x86-64', 'x86-64-v2', 'x86-64-v3'.
     */
    model?: string;
    /** Changes to the model: '+name', '-name'. */
    features?: string[] | string;
    /** The 12 characters of CPUID leaf 0. */
    vendor?: string;
    /** Width of physical addresses. */
    physicalBits?: number;
  }

  interface StopReason {
    kind: 'power-off' | 'exit' | 'stopped' | 'reset' | 'triple-fault' | 'failed';
    /** One line: what happened, and for a failure where. */
    message: string;
    /** The guest's status when kind is 'exit'. */
    status: number;
  }

  interface Segment { selector: number; base: bigint; limit: number; access: number }
  interface Table { base: bigint; limit: number }

  /** 64-bit registers by their names (rax ... r15, rip, rflags, cr0, cr2, cr3, cr4, cr8, xcr0, efer, dr0 ... dr7, tsc). */
  interface Registers {
    [register: string]: bigint | Segment | Table | string;
    cs: Segment; ds: Segment; es: Segment; ss: Segment; fs: Segment; gs: Segment; ldtr: Segment; tr: Segment;
    gdtr: Table; idtr: Table;
    mode: '16-bit' | '32-bit' | '64-bit';
    activity: 'active' | 'halted' | 'shutdown' | 'wait-for-sipi';
  }

  interface Statistics {
    /** The backend that runs the processors, once started. */
    backend: string | null;
    /** Milliseconds that the processors ran. */
    running: number;
    /** Guest instructions, or -1 where the backend does not count. */
    instructions: number;
    /** Million instructions per second, or null. */
    mips: number | null;
    /** VM exits by reason. */
    exits: Record<string, number>;
    /** Interrupts injected, by vector. */
    interrupts: Record<string, number>;
  }

  class Machine {
    /** Makes a machine; see MachineDescription. Its devices are made and its guest is loaded by start(). */
    static create(description?: MachineDescription): Promise<Machine>;
    /** A machine that is already there, or null. */
    static find(name: string): Machine | null;
    /** The names of all machines, whoever made them. */
    static names(): string[];
    /** The CPU backends, whether they can be used here, and what their processors can do. */
    static backends(): { name: string; available: boolean; reason: string; features: string[]; physicalBits: number }[];

    readonly name: string;
    readonly state: 'created' | 'running' | 'paused' | 'stopped';
    /** Number of processors. */
    readonly cpus: number;
    /** RAM in bytes. */
    readonly memory: number;
    /** What keeps it from starting, a sentence each. */
    readonly problems: string[];
    /** Why it stopped, once it has. */
    readonly stopped: Promise<StopReason>;

    /** Builds the devices, loads the guest and runs it. */
    start(): Promise<void>;
    /** Stops the processors at an instruction boundary, and the clock with them. */
    pause(): Promise<void>;
    resume(): Promise<void>;
    /** Resets as the reset line does, and loads the guest again. */
    reset(): Promise<void>;
    /** Executes instructions on the first processor of a paused machine. */
    step(instructions?: number): Promise<void>;
    /** Ends it at once. */
    stop(): Promise<StopReason>;
    /** Ends it and frees its memory and its name. */
    close(): Promise<void>;
    /** Presses the power button; a guest that listens shuts down. */
    powerButton(): void;

    /** The far end of a serial port; 'com1' if not said otherwise. May be asked for before start(): nothing is missed. */
    serial(device?: string): Serial;

    /** Reads 1, 2, 4 (the default) or 8 bytes of physical memory; 8 give a BigInt. */
    read(address: Address, size?: 1 | 2 | 4 | 8): number | bigint;
    write(address: Address, size: 1 | 2 | 4 | 8, value: number | bigint): void;
    readBytes(address: Address, length: number): Uint8Array;
    writeBytes(address: Address, bytes: Iterable<number>): void;
    /** The physical address of a processor's linear address, or null when nothing is mapped there. */
    translate(linear: Address, cpu?: number): bigint | null;

    registers(cpu?: number): Registers;
    /** The fields of a processor's VMCS, where its backend has one. */
    vmcs(cpu?: number): { name: string; encoding: number; bits: number; value: bigint; meaning: string }[];
    /** Instructions at a linear address, or, without one, where the processor is. */
    disassemble(address?: Address | null, options?: { count?: number; cpu?: number }):
      { address: bigint; length: number; bytes: string; text: string }[];

    devices(): { name: string; type: string; ranges: string[] }[];
    /** The interrupt lines; `raised` and `delivered` count. */
    irqs(): { gsi: number; sources: string[]; asserted: boolean; raised: number; delivered: number }[];
    /** VM exits by reason. */
    exits(): Record<string, number>;
    statistics(): Statistics;
    /** The last lines of its log. */
    log(): string[];
    toString(): string;
  }

  interface Match {
    /** What matched. */
    text: string;
    /** What the groups of the regular expression matched. */
    groups: (string | undefined)[];
    /** Which of several patterns it was. */
    index: number;
    /** What the guest sent between the previous match and this one. */
    before: string;
  }

  /** The far end of a serial port: what a terminal on the line would be. */
  class Serial {
    readonly name: string;
    /** Sends text (in UTF-8) or bytes to the guest; they wait until it takes them. */
    send(data: string | Iterable<number>): void;
    /** Sends text and a carriage return, which is what a terminal's Enter key sends. */
    sendLine(text?: string): void;
    /**
     * Waits until the guest has sent something that matches, searching from behind the previous match on. In a regular expression `^` and
     * `$` are the ends of a line. Rejected with a TimeoutError after the time-out (60 s if not said otherwise; Infinity for none), or
     * with a MachineError as soon as the machine stops; both show the last lines that came.
     */
    expect(pattern: RegExp | string | (RegExp | string)[], options?: { timeout?: Duration }): Promise<Match>;
    /** Calls a function with each piece of text that comes from now on; what it returns ends that. */
    onData(listener: (text: string) => void): () => void;
    /** Everything that the guest has sent (of more than 16 MiB, the last 16). */
    transcript(): string;
    /** The lines from behind the previous match on, without their ends, until the machine stops. */
    lines(): AsyncIterableIterator<string>;
    /** Shows what the guest sends on the script's output, from now on, or no longer. */
    echo(on?: boolean): void;
    toString(): string;
  }

  interface ArgumentDefinition {
    help?: string;
    /**
     * Without it, the type of the default, or text. A `file` must exist and comes as an absolute path, a `size` as bytes, a `duration` as
     * ms. A `directory`, `output` and `output-directory` come as a Directory, OutputFile and OutputDirectory: scripts reach no other files.
     */
    type?: 'string' | 'number' | 'boolean' | 'size' | 'duration' | 'regexp' | 'file' | 'directory' | 'output' | 'output-directory';
    default?: unknown;
    required?: boolean;
    choices?: string[];
    /** What the help calls the value. */
    label?: string;
  }

  /** A folder that an argument names, to read from. Names of files are relative to it and lead nowhere else. */
  interface Directory {
    readonly path: string;
    /** The names in it, or in a folder below it, in order; those of folders end with a slash. */
    list(folder?: string): string[];
    has(file: string): boolean;
    /** The absolute path of a file, for Machine.create(). */
    file(file: string): string;
    /** The text of a file, in UTF-8. */
    read(file: string): string;
  }

  /** A folder that an argument names, to write into. */
  interface OutputDirectory {
    readonly path: string;
    /** Writes a file, and makes the folders for it; returns its path. */
    write(file: string, text: string): string;
  }

  /** A file that an argument names, to write. */
  interface OutputFile {
    readonly path: string;
    write(text: string): void;
  }

  /** The script's `name=value` arguments as they were given. */
  const args: Readonly<Record<string, string>>;
  /**
   * Says which arguments the script takes, and returns their values. An unknown argument or a wrong value ends the script with status 2;
   * `--help` prints the script's first comment and its arguments.
   */
  function defineArgs(definitions: Record<string, ArgumentDefinition>): Readonly<Record<string, any>>;

  /** Claims that a value is true. The text says what the claim is. */
  function assert(value: unknown, message?: string): asserts value;
  namespace assert {
    /** The same value, or built alike of the same values. */
    function equal(actual: unknown, expected: unknown, message?: string): void;
    function notEqual(actual: unknown, unexpected: unknown, message?: string): void;
    /** The text matches or contains; returns the match. */
    function match(text: string, pattern: RegExp | string, message?: string): string[];
    /** The function throws an error whose message matches; returns it. */
    function throws(action: () => unknown, pattern?: RegExp | string, message?: string): unknown;
    /** The same of a promise, or of a function that gives one. */
    function rejects(promise: Promise<unknown> | (() => Promise<unknown>), pattern?: RegExp | string, message?: string): Promise<unknown>;
    function fail(message?: string): never;
  }

  /** Status 1. `expected` and `actual` are in the message, too. */
  class AssertionError extends Error { expected?: string; actual?: string }
  /** A machine, its image or its description is at fault. Status 1. */
  class MachineError extends Error {}
  /** Something did not come in time. Status 3. */
  class TimeoutError extends Error {}
  /** The script was called with wrong arguments. Status 2. */
  class UsageError extends Error {}

  function sleep(duration: Duration): Promise<void>;
  /** Ends the script at once. */
  function exit(status?: number): never;
  /** Prints a line on the error stream, with the seconds since the script began. */
  function log(...values: unknown[]): void;
  /** Milliseconds of a duration. */
  function millis(duration: Duration): number;
  /** Bytes of a size. */
  function bytes(size: Size): number;
  /** A value as a programmer would write it. */
  function inspect(value: unknown): string;
  /** What console.log prints. */
  function format(...values: unknown[]): string;
}

/** What guests are started from. */
declare module 'sallyport/images' {
  type Entry = string | (
    /** A file with this content. Without a mode, text that begins with `#!` is a program. */
    | { text: string; mode?: number }
    | { bytes: Iterable<number>; mode?: number }
    /** A copy of a file of this host. */
    | { file: string; mode?: number }
    /** A symbolic link. */
    | { link: string }
    /** A device node: 'c 5:1', 'b 8:0'. */
    | { device: string; mode?: number }
    /** Anything else is a folder. */
    | { directory?: true; mode?: number });

  /** Builds a RAM disk for Linux out of entries by path; the same entries give the same file. Returns its path. */
  function initramfs(content: { entries: Record<string, Entry> }): Promise<string>;
  /**
   * A file of a Debian package, fetched with apt-get, checked and kept in ~/.cache/sallyport. `*` in the file's path stands for any
   * characters but slashes. A meta-package leads to the real one. Returns its path on this host.
   */
  function debianPackage(name: string, file: string): Promise<string>;
  /** A file with this content, kept in the cache, for what takes files: a multiboot module, a disk. Returns its path. */
  function dataFile(content: string | Iterable<number>): Promise<string>;
  /** The absolute path of a file that exists; with a module's `import.meta.url`, the name is relative to that module. */
  function hostFile(name: string, module?: string): string;
}
