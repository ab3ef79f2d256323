package org.sallyport.cpu.vmx.translate;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.cpu.vmx.fpu.Fpu;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Hotspots;
import org.sallyport.cpu.vmx.memory.GuestSlots;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.system.EventDelivery;

/**
 * A processor with memory of its own that executes a {@link Program}. Handlers of exceptions halt; the monitor here then decides by the state
 * alone what becomes of the instruction: it is skipped, or executed again with other registers, or the program ends.
 */
final class Guest implements AutoCloseable {
  // @formatter:off
  static final int RAM_SIZE  = 0x40000;
  private static final int PML4 = 0x1000, PDPT = 0x2000, PD = 0x3000, PT = 0x4000;
  private static final int PD32 = 0x5000, PT32 = 0x6000;
  private static final int GDT = 0x7000, IDT = 0x8000, TSS = 0x9000;

  /** The stack of handlers. */
  static final int SYSTEM_STACK = 0xa000;

  private static final int HANDLERS = 0xb000;

  /** Four pages. */
  static final int CODE      = 0x10000;
  static final int DATA      = 0x20000;
  static final int DATA_SIZE =  0x4000;
  static final int READ_ONLY = 0x24000;
  static final int ABSENT    = 0x25000;
  /** No memory slot is there. */
  static final int HOLE      = 0x26000;
  /** A memory slot that cannot be written. */
  static final int ROM       = 0x27000;
  /** The first two pages of code again. */
  static final int ALIAS     = 0x28000;
  static final int STACK     = 0x2b000;
  static final int STACK_END = 0x2e000;
  /** What loops count with and indirect jumps read; no operand is aimed at it. */
  static final int CELLS     = 0x2f000;
  /** Four pages of code like those at {@link #CODE}, with other constants: what may be mapped there instead. */
  private static final int OTHER_CODE = 0x30000;
  /** Who writes to this port has a page of code mapped elsewhere. */
  static final int MAPPING_PORT = 0x99;

  private static final long HOLE_PHYSICAL = 0x40000000L;
  private static final long ROM_PHYSICAL  = 0x50000000L;

  private static final int USABLE = 0x67;        // present, writable, user, accessed, dirty
  private static final int USER_READ_ONLY = 0x65;
  private static final int SYSTEM_READ_ONLY = 0x61;
  private static final int SYSTEM_WRITABLE = 0x63;

  private static final int END_VECTOR = 0x80;
  private static final int INTERRUPT_VECTOR = 0x90;
  private static final int MAX_FAULTS = 60;
  private static final int MAX_EXITS = 400;
  // @formatter:on

  private static final CpuFeature[] OPTIONAL =
      {CpuFeature.CMOV, CpuFeature.PREFETCHW, CpuFeature.POPCNT, CpuFeature.MOVBE, CpuFeature.SSE,
          CpuFeature.SSE2, CpuFeature.SSE4_1, CpuFeature.SSSE3, CpuFeature.MMX, CpuFeature.FPU, CpuFeature.CX8,
          CpuFeature.CLFLUSH, CpuFeature.BMI1,
          CpuFeature.ABM};

  /** One VM exit, with the state it found. */
  record Exit(int reason, long qualification, long physical, int size, long data, long rip, long instructions,
      int flags, long cr2,
      List<Long> registers, List<Long> frame) {}

  final MemorySegment ram;
  private final Arena arena = Arena.ofShared();
  final Cpu cpu;
  private final Program program;
  private final boolean interrupts;
  private final SplittableRandom answers;
  final List<Exit> exits = new ArrayList<>();
  private int faults;
  long time;

  /** What ended the program. */
  String end;

  /** Whether it has taken too long. */
  java.util.function.BooleanSupplier expired = () -> false;

  /** Times that it was kicked. */
  int kicks;

  /** Interrupts that were delivered, and what they found. */
  record Moment(long instructions, long rip, int flags, List<Long> registers) {}

  final List<Moment> moments = new ArrayList<>();

  Guest(Program program, Hotspots hotspots, boolean interrupts) {
    this.program = program;
    this.interrupts = interrupts;
    answers = new SplittableRandom(program.seed ^ 0x5a11);
    ram = arena.allocate(RAM_SIZE, 4096);
    MemorySegment rom = arena.allocate(4096, 4096);
    for (int i = 0; i < 4096; i++) {
      rom.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 37 + 11));
    }
    GuestSlots slots = new GuestSlots();
    slots.map(new MemorySlot("ram", 0, ram, false));
    slots.map(new MemorySlot("rom", ROM_PHYSICAL, rom, true));
    cpu = new Cpu(0, slots, () -> time += 100, 1_000_000_000L);
    cpu.features.addAll(List.of(CpuFeature.values()));
    cpu.features.removeAll(
        List.of(CpuFeature.SHSTK, CpuFeature.IBT, CpuFeature.LAM, CpuFeature.PKU, CpuFeature.PKS, CpuFeature.RDPID));
    SplittableRandom random = new SplittableRandom(program.seed ^ 0xfea);
    cpu.smp = random.nextInt(4) == 0;
    if (random.nextInt(8) == 0) { // what is not announced is no instruction
      cpu.features.remove(OPTIONAL[random.nextInt(OPTIONAL.length)]);
    }
    memory();
    state();
    if (hotspots != null) {
      cpu.hotspots(hotspots);
    }
  }

  // ---- the start -------------------------------------------------------------------------------------------------------------------

  private void put(long at, long value) {
    ram.set(ValueLayout.JAVA_LONG, at, value);
  }

  private void memory() {
    put(PML4, PDPT | USABLE);
    put(PDPT, PD | USABLE);
    put(PD, PT | USABLE);
    ram.set(ValueLayout.JAVA_INT, PD32, PT32 | USABLE);
    for (int page = 0; page < RAM_SIZE; page += 4096) {
      long entry = entry(page);
      put(PT + page / 4096 * 8, entry);
      ram.set(ValueLayout.JAVA_INT, PT32 + page / 4096 * 4, (int) entry);
    }
    put(GDT + 8, program.wide ? 0x00af9b000000ffffL : 0x00cf9b000000ffffL);
    put(GDT + 0x10, 0x00cf93000000ffffL);
    put(GDT + 0x18, program.wide ? 0x00affb000000ffffL : 0x00cffb000000ffffL);
    put(GDT + 0x20, 0x00cff3000000ffffL);
    put(GDT + 0x28, 0x00cff3000000ffffL);
    for (int v = 0; v < 256; v++) {
      handler(v);
    }
    if (program.wide) {
      ram.set(ValueLayout.JAVA_LONG_UNALIGNED, TSS + 4, SYSTEM_STACK + 0x1000L);
      ram.set(ValueLayout.JAVA_LONG_UNALIGNED, TSS + 36, SYSTEM_STACK + 0x1000L);
    } else {
      ram.set(ValueLayout.JAVA_INT, TSS + 4, SYSTEM_STACK + 0x1000);
      ram.set(ValueLayout.JAVA_INT, TSS + 8, 0x10);
    }
    ram.set(ValueLayout.JAVA_SHORT, TSS + 0x66, (short) 0x68);
    SplittableRandom random = new SplittableRandom(program.seed);
    for (int at = DATA; at < ABSENT; at += 8) {
      put(at, word(random));
    }
    for (int at = STACK; at < STACK_END; at += 8) {
      put(at, random.nextInt(8) == 0 ? program.start : word(random));
    }
    byte[] code = program.image();
    MemorySegment.copy(code, 0, ram, ValueLayout.JAVA_BYTE, program.start, code.length);
    for (Program.Piece p : program.pieces) {
      if (p.constant && !p.dropped) {
        code[(int) (p.address() - program.start) + 1] ^= 0x55;
      }
    }
    MemorySegment.copy(code, 0, ram, ValueLayout.JAVA_BYTE, program.start + OTHER_CODE - CODE, code.length);
  }

  /** Maps one of the code pages to the other one of the two that it can be. */
  private void mapElsewhere(int choice) {
    int page = CODE + 0x1000 * (choice & 3);
    if (program.wide) {
      put(PT + page / 4096 * 8, ram.get(ValueLayout.JAVA_LONG, PT + page / 4096 * 8) ^ CODE ^ OTHER_CODE);
    } else {
      int at = PT32 + page / 4096 * 4;
      ram.set(ValueLayout.JAVA_INT, at, ram.get(ValueLayout.JAVA_INT, at) ^ CODE ^ OTHER_CODE);
    }
    if ((choice & 4) != 0) {
      cpu.flushPage(page);
    } else {
      cpu.flushTlb();
    }
  }

  private static long entry(int page) {
    return switch (page) {
      case ABSENT, CODE + 0x4000, STACK - 0x1000, STACK_END -> 0;
      case READ_ONLY -> page | USER_READ_ONLY;
      case HOLE -> HOLE_PHYSICAL | USABLE;
      case ROM -> ROM_PHYSICAL | USABLE;
      case ALIAS -> CODE | USABLE;
      case ALIAS + 0x1000 -> CODE + 0x1000 | USABLE;
      case SYSTEM_STACK -> page | SYSTEM_WRITABLE;
      default -> page < CODE ? page | SYSTEM_READ_ONLY : page | USABLE;
    };
  }

  /** Halts, drops the error code, returns. */
  private void handler(int v) {
    boolean error = v == 8 || v >= 10 && v <= 14 || v == 17 || v == 21;
    int at = HANDLERS + 16 * v;
    String code = program.wide ? error ? "f44883c40848cf" : "f448cf" : error ? "f483c404cf" : "f4cf";
    byte[] bytes = java.util.HexFormat.of().parseHex(code);
    MemorySegment.copy(bytes, 0, ram, ValueLayout.JAVA_BYTE, at, bytes.length);
    long type = v == END_VECTOR ? 0xee00L : 0x8e00L;
    if (program.wide) {
      put(IDT + 16L * v, at & 0xffff | 8L << 16 | 1L << 32 | type << 32 | (long) at >>> 16 << 48);
    } else {
      put(IDT + 8L * v, at & 0xffff | 8L << 16 | type << 32 | (long) at >>> 16 << 48);
    }
  }

  /** A value that has something to it more often than a random one. */
  static long word(SplittableRandom random) {
    return switch (random.nextInt(8)) {
      case 0 -> random.nextInt(256);
      case 1 -> -random.nextInt(256);
      case 2 -> 1L << random.nextInt(64);
      case 3 -> (1L << random.nextInt(64)) - 1;
      case 4 -> DATA + random.nextInt(DATA_SIZE);
      case 5 -> random.nextInt();
      case 6 -> Double.doubleToRawLongBits(random.nextInt(2000) / 8.0 - 100);
      default -> random.nextLong();
    };
  }

  private void state() {
    SplittableRandom random = new SplittableRandom(program.seed + 1);
    boolean wide = program.wide;
    for (int i = 0; i < (wide ? 16 : 8); i++) {
      long v = random.nextInt(3) == 0 ? DATA + random.nextInt(DATA_SIZE) : word(random);
      cpu.r[i] = wide ? v : v & 0xffffffffL;
    }
    cpu.r[Cpu.RSP] = STACK + 0x1800;
    cpu.rip = program.start;
    int flags = 0x3202 | random.nextInt() & Flag.STATUS;
    cpu.flags = flags & ~Flag.STATUS;
    cpu.setStatus(flags);
    cpu.gdtBase = GDT;
    cpu.gdtLimit = 0x2f;
    cpu.idtBase = IDT;
    cpu.idtLimit = 0xfff;
    cpu.cr0 = Flag.CR0_PE | Flag.CR0_MP | Flag.CR0_ET | Flag.CR0_NE | Flag.CR0_WP | Flag.CR0_PG;
    cpu.cr4 = Flag.CR4_OSFXSR | Flag.CR4_OSXMMEXCPT | Flag.CR4_FSGSBASE | Flag.CR4_OSXSAVE | (wide ? Flag.CR4_PAE : 0);
    cpu.cr3 = wide ? PML4 : PD32;
    cpu.efer = wide ? Flag.EFER_LMA | Flag.EFER_LME | Flag.EFER_SCE : 0;
    cpu.xcr0 = 3;
    int level = program.user ? 3 : 0;
    cpu.cpl = level;
    int code = program.user ? 0x1b : 8;
    int data = program.user ? 0x23 : 0x10;
    cpu.seg[Segment.CS].set(code, 0, -1, (wide ? 0xa09b : 0xc09b) | level << 5);
    for (int s : new int[]{Segment.SS, Segment.DS, Segment.ES}) {
      cpu.seg[s].set(data, 0, -1, 0xc093 | level << 5);
    }
    cpu.seg[Segment.FS].set(0x2b, DATA + 0x100, -1, 0xc0f3);
    cpu.seg[Segment.GS].set(0x2b, DATA + 0x800, -1, 0xc0f3);
    cpu.seg[Segment.LDTR].set(0, 0, 0, Segment.UNUSABLE);
    cpu.seg[Segment.TR].set(0x30, TSS, 0x67, 0x8b);
    for (int i = 0; i < 32; i++) {
      cpu.xmm.x[i] = word(random);
    }
    for (int i = 0; i < 8; i++) {
      cpu.fpu.mantissa[i] = random.nextLong() | Long.MIN_VALUE;
      cpu.fpu.signExponent[i] = 0x3fff - 8 + random.nextInt(16) | random.nextInt(2) << 15;
    }
    cpu.fpu.empty = random.nextInt(256);
    cpu.controls.nonRoot = true;
    cpu.controls.hltExiting = true;
    cpu.controls.unconditionalIoExiting = true;
    cpu.modeChanged();
    cpu.attention();
  }

  // ---- execution -------------------------------------------------------------------------------------------------------------------

  /** Executes until the program ends. */
  void run() {
    while (end == null) {
      cpu.run();
      exit();
    }
  }

  /** What the interpreter passes through, one instruction (or iteration of a repeated one) at a time. */
  void trace(java.util.function.Consumer<Moment> observer) {
    cpu.controls.monitorTrapFlag = true;
    observer.accept(moment());
    while (end == null) {
      cpu.attention();
      cpu.run();
      if (cpu.exitSignal.reason == Cpu.EXIT_MONITOR_TRAP_FLAG) {
        observer.accept(moment());
      } else {
        exit();
        if (end == null) {
          observer.accept(moment());
        }
      }
    }
  }

  private Moment moment() {
    return new Moment(cpu.instructions, cpu.rip, cpu.rflags() & ~Flag.RF, registers());
  }

  List<Long> registers() {
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      all.add(cpu.r[i]);
    }
    return all;
  }

  private void exit() {
    var s = cpu.exitSignal;
    if (s.reason == Cpu.EXIT_EXTERNAL_INTERRUPT) {
      kicks++;
      if (expired.getAsBoolean()) {
        end = "expired";
      } else if (interrupts) {
        interrupt();
      }
      return;
    }
    boolean access = s.reason == Cpu.EXIT_EPT_VIOLATION || s.reason == 30;
    int handler = s.reason == 12 ? (int) (cpu.rip - HANDLERS) / 16 : -1;
    if (handler == INTERRUPT_VECTOR) {
      cpu.skip(cpu.exitLength);
      cpu.instructions -= 2; // HLT and IRET are no part of the program
      return;
    }
    exits.add(new Exit(s.reason, access ? s.qualification : 0, s.reason == Cpu.EXIT_EPT_VIOLATION ? s.physical : 0,
        access ? s.size : 0, access ? s.data : 0, cpu.rip, cpu.instructions, cpu.rflags(), cpu.cr2, registers(),
        handler >= 0 ? frame() : List.of()));
    if (exits.size() > MAX_EXITS) {
      end = "many exits";
      return;
    }
    switch (s.reason) {
      case 12 -> {
        cpu.skip(cpu.exitLength);
        if (handler < 0 || handler > 255 || handler == END_VECTOR) {
          end = "end";
        } else {
          fault(handler);
        }
      }
      case 30 -> {
        long value = answers.nextLong();
        if ((s.qualification & 16) != 0) {
          cpu.io.served(value & (1L << 8 * s.size) - 1);
          cpu.attention();
        } else {
          if ((s.qualification & 8) != 0) {
            cpu.setReg(Cpu.RAX, s.size, value);
          } else if (s.qualification >>> 16 == MAPPING_PORT) {
            mapElsewhere((int) s.data);
          }
          cpu.skip(cpu.exitLength);
        }
      }
      case Cpu.EXIT_EPT_VIOLATION -> {
        long value = answers.nextLong();
        cpu.io.served(s.size == 8 ? value : value & (1L << 8 * s.size) - 1);
        cpu.attention();
        if (cpu.vectoring >= 0) { // on the way to a handler: that is the end here
          end = "a handler's stack is no memory";
        }
      }
      case 10 -> {
        cpu.r[Cpu.RAX] = answers.nextInt() & 0xffffffffL;
        cpu.skip(cpu.exitLength);
      }
      default -> end = "exit " + s.reason;
    }
  }

  /** What lies on a handler's stack, the error code and what the handler is to return to. */
  private List<Long> frame() {
    List<Long> all = new ArrayList<>();
    int slot = program.wide ? 8 : 4;
    long sp = cpu.r[Cpu.RSP];
    for (int i = 0; i < 6 && sp >= SYSTEM_STACK && sp + slot <= RAM_SIZE; i++, sp += slot) {
      all.add(sp < SYSTEM_STACK + 0x1000 || sp >= STACK ? read(sp, slot) : 0);
    }
    return all;
  }

  /** An interrupt, where one may come. */
  private void interrupt() {
    if ((cpu.flags & Flag.IF) == 0 || cpu.stiShadow || cpu.movSsShadow || cpu.io.isActive()) {
      return;
    }
    moments.add(moment());
    try {
      cpu.inject(INTERRUPT_VECTOR, EventDelivery.EXTERNAL_INTERRUPT, -1, 0);
    } catch (RuntimeException e) {
      end = "the interrupt could not be delivered";
    }
  }

  /** A handler of an exception has halted: says how the program goes on. */
  private void fault(int v) {
    boolean wide = program.wide;
    int slot = wide ? 8 : 4;
    long frame = cpu.r[Cpu.RSP] + (v == 8 || v >= 10 && v <= 14 || v == 17 || v == 21 ? slot : 0);
    if (frame < SYSTEM_STACK || frame > RAM_SIZE - 64 || ++faults > MAX_FAULTS) {
      end = "faults";
      return;
    }
    long rip = read(frame, slot);
    long behind = program.behind(rip);
    if (behind < 0) {
      end = "fault " + v + " outside of the program";
      return;
    }
    SplittableRandom decision = new SplittableRandom(rip * 31 + faults);
    if (wide || program.user) {
      long sp = read(frame + 3 * slot, slot);
      if (sp < STACK + 64 || sp > STACK_END - 64) {
        write(frame + 3 * slot, slot, STACK + 0x1800);
      }
    }
    if (decision.nextInt(3) == 0 && v >= 12 && v <= 14) {
      int[] pointers = {0, 1, 2, 3, 5, 6, 7};
      cpu.r[pointers[decision.nextInt(7)]] = DATA + decision.nextInt(DATA_SIZE);
      if (decision.nextBoolean()) {
        return; // once more
      }
    }
    write(frame, slot, behind);
  }

  private long read(long at, int size) {
    return size == 8
        ? ram.get(ValueLayout.JAVA_LONG_UNALIGNED, at)
        : ram.get(ValueLayout.JAVA_INT_UNALIGNED, at) & 0xffffffffL;
  }

  private void write(long at, int size, long value) {
    if (size == 8) {
      ram.set(ValueLayout.JAVA_LONG_UNALIGNED, at, value);
    } else {
      ram.set(ValueLayout.JAVA_INT_UNALIGNED, at, (int) value);
    }
  }

  // ---- comparison ------------------------------------------------------------------------------------------------------------------

  /** The first difference to another run of the same program, or null. */
  String difference(Guest other) {
    for (int i = 0; i < Math.min(exits.size(), other.exits.size()); i++) {
      if (!exits.get(i).equals(other.exits.get(i))) {
        return "exit " + i + ":\n  " + text(exits.get(i)) + "\n  " + text(other.exits.get(i));
      }
    }
    if (!end.equals(other.end) || exits.size() != other.exits.size()) {
      return "the end: " + end + " after " + exits.size() + " exits, " + other.end + " after " + other.exits.size();
    }
    String a = finalState();
    String b = other.finalState();
    if (!a.equals(b)) {
      return "the state at the end:\n  " + a + "\n  " + b;
    }
    long from = 0;
    while (true) {
      long at = MemorySegment.mismatch(ram, from, RAM_SIZE, other.ram, from, RAM_SIZE);
      if (at < 0) {
        return null;
      }
      from += at;
      if (!(interrupts || other.interrupts) || from < SYSTEM_STACK || from >= SYSTEM_STACK + 0x1000) {
        return "memory at 0x%x: %02x, %02x".formatted(from, ram.get(ValueLayout.JAVA_BYTE, from),
            other.ram.get(ValueLayout.JAVA_BYTE, from));
      }
      from++;
    }
  }

  private static String text(Exit e) {
    StringBuilder s = new StringBuilder(
        "reason %d rip %x instructions %d flags %x qualification %x physical %x size %d data %x cr2 %x;".formatted(
            e.reason,
            e.rip, e.instructions, e.flags, e.qualification, e.physical, e.size, e.data, e.cr2));
    e.registers.forEach(r -> s.append(' ').append(Long.toHexString(r)));
    s.append("; frame");
    e.frame.forEach(r -> s.append(' ').append(Long.toHexString(r)));
    return s.toString();
  }

  private String finalState() {
    StringBuilder s =
        new StringBuilder("rip %x instructions %d flags %x cr2 %x mxcsr %x;".formatted(cpu.rip, cpu.instructions,
            cpu.rflags(), cpu.cr2, cpu.xmm.mxcsr));
    for (long r : cpu.r) {
      s.append(' ').append(Long.toHexString(r));
    }
    s.append("; xmm");
    for (long x : cpu.xmm.x) {
      s.append(' ').append(Long.toHexString(x));
    }
    Fpu f = cpu.fpu;
    s.append("; x87 %x %x %d %x %x %x %x".formatted(f.control, f.statusWord(), f.top, f.empty, f.lastInstruction,
        f.lastData, f.lastOpcode));
    for (int i = 0; i < 8; i++) {
      s.append(" %x:%x".formatted(f.signExponent[i], f.mantissa[i]));
    }
    for (Segment g : cpu.seg) {
      s.append("; %x %x %x %x".formatted(g.selector, g.base, g.limit, g.access));
    }
    return s.append("; cr ").append(cpu.cr0).append(' ').append(cpu.cr4).append(' ').append(cpu.cpl).toString();
  }

  @Override
  public void close() {
    arena.close();
  }
}
