package org.sallyport.cpu.vmx.interpret;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.sallyport.api.clock.TimeSource;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.fpu.Fpu;
import org.sallyport.cpu.vmx.memory.AddressSpace;
import org.sallyport.cpu.vmx.memory.GuestSlots;
import org.sallyport.cpu.vmx.simd.XmmRegisters;
import org.sallyport.cpu.vmx.state.Controls;
import org.sallyport.cpu.vmx.state.ExitSignal;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;
import org.sallyport.cpu.vmx.system.ControlFlow;
import org.sallyport.cpu.vmx.system.Debug;
import org.sallyport.cpu.vmx.system.EventDelivery;
import org.sallyport.cpu.vmx.system.ModelSpecificRegisters;

/**
 * A processor that executes instructions until something makes it leave for the monitor. It knows memory slots and VM exits, no machine
 * and no device.
 */
public final class Cpu extends AddressSpace {
  // @formatter:off
  private static final int MODE_USER    = 1 << 2;
  private static final int MODE_FLAT    = 1 << 3;
  private static final int MODE_STACK32 = 1 << 4;
  // @formatter:on

  private static final VarHandle ATTENTION;

  static {
    try {
      ATTENTION = MethodHandles.lookup().findVarHandle(Cpu.class, "attention", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  public final int index;
  public final Controls controls = new Controls();
  public final Fpu fpu = new Fpu();
  public final XmmRegisters xmm = new XmmRegisters();
  public final ControlFlow cet = new ControlFlow(this);
  public final ModelSpecificRegisters msrs;
  public final Debug debug = new Debug(this);

  /** What CPUID announces; an instruction of another feature is #UD. */
  public final Set<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);

  /** IA32_APIC_BASE.EN of the local APIC, which is a device of the machine. */
  public boolean localApicEnabled = true;

  /** It has SYSCALL and SYSRET outside 64-bit mode, as AMD's processors have. */
  public boolean amd;

  private final TimeSource time;
  private final long tscHz;
  private final CodeCache code = new CodeCache(this);

  /** Instructions retired. */
  public long instructions;

  /**
   * Key of the processor's mode: code size, user privilege, flat segments, stack size, {@linkplain ControlFlow control-flow
   * enforcement}. Blocks are decoded for one mode.
   */
  int mode;

  /** CS base outside 64-bit mode, else 0. */
  long csBase;

  /** What an instruction pointer is cut to. */
  public long ripMask = 0xffff;

  /** What a linear address is cut to. */
  public long linearMask = 0xffffffffL;

  private long codeLimit;

  /**
   * Ends of blocks look at this: the run loop has something to look at. Set by any thread, cleared by the processor's own, which looks
   * at everything afterwards.
   */
  boolean attention;

  /** Decoded code has been overwritten by this processor since somebody cleared this. */
  private boolean codeChanged;

  private volatile boolean kicked;
  private final ConcurrentLinkedQueue<Runnable> requests = new ConcurrentLinkedQueue<>();

  /** Other processors of the cluster, to be told when code pages change. */
  public Cpu[] peers = {};

  /** The next instruction is executed with interrupts held back, after STI. */
  public boolean stiShadow;

  /** The next instruction is executed with interrupts and debug traps held back, after MOV SS or POP SS. */
  public boolean movSsShadow;

  public boolean nmiBlocked;

  /** One instruction at a time: repeated instructions make one iteration. */
  public boolean stepping;

  /** The processor is delivering an event with this vector (for the IDT-vectoring information), or -1. */
  public int vectoring = -1;

  public int vectoringKind;
  public int vectoringErrorCode;

  public Cpu(int index, GuestSlots slots, TimeSource time, long tscHz) {
    super(slots);
    this.index = index;
    this.time = time;
    this.tscHz = tscHz;
    msrs = new ModelSpecificRegisters(this);
    privilegeChanged();
  }

  public boolean has(CpuFeature feature) {
    return features.contains(feature);
  }

  // ---- time ------------------------------------------------------------------------------------------------------------------------

  /** The time-stamp counter without any offset. */
  public long hostTsc() {
    long nanos = time.nanos();
    return tscHz == 1_000_000_000 ? nanos : (long) ((double) nanos * tscHz / 1e9);
  }

  /** The time-stamp counter as RDTSC shows it. */
  public long tsc() {
    return hostTsc() + msrs.tscOffset + (controls.nonRoot && controls.tscOffsetting ? controls.tscOffset : 0);
  }

  // ---- modes -----------------------------------------------------------------------------------------------------------------------

  /**
   * To be called after any change of CR0, CR4, EFER, a segment register, CPL, or RFLAGS.VM, AC: refreshes what is derived from them. An
   * operation that causes such a change ends its block.
   */
  public void modeChanged() {
    Segment cs = seg[Segment.CS];
    int m;
    if (longMode() && (cs.access & Segment.L) != 0) {
      m = CodeMode.BITS64.ordinal();
      csBase = 0;
      ripMask = -1;
      linearMask = -1;
      codeLimit = -1;
    } else {
      boolean big = cs.big();
      m = (big ? CodeMode.BITS32 : CodeMode.BITS16).ordinal();
      csBase = cs.base;
      ripMask = big ? 0xffffffffL : 0xffff;
      linearMask = 0xffffffffL;
      codeLimit = cs.limit;
      if (seg[Segment.DS].flat() && seg[Segment.ES].flat() && seg[Segment.SS].flat()) {
        m |= MODE_FLAT;
      }
      if (seg[Segment.SS].big()) {
        m |= MODE_STACK32;
      }
    }
    if ((cr4 & Flag.CR4_CET) != 0) {
      m |= cet.mode();
    }
    mode = m | (cpl == 3 ? MODE_USER : 0);
    privilegeChanged();
  }

  static CodeMode codeMode(int mode) {
    return CODE_MODES[mode & 3];
  }

  private static final CodeMode[] CODE_MODES = CodeMode.values();

  /** The code size of the running code. */
  public CodeMode codeMode() {
    return codeMode(mode);
  }

  /** DS, ES and SS are flat: base 0, limit 4 GiB, writable. Only meaningful outside 64-bit mode. */
  public boolean flatSegments() {
    return (mode & MODE_FLAT) != 0;
  }

  /** Bytes of the stack pointer in use: 2, 4 or 8. */
  public int stackSize() {
    return (mode & 3) == 2 ? 8 : (mode & MODE_STACK32) != 0 ? 4 : 2;
  }

  /** #GP(0) when bytes of code lie beyond the CS limit. */
  void checkCodeLimit(long rip, int bytes) {
    if (codeLimit >= 0 && rip + bytes - 1 > codeLimit) {
      throw gp();
    }
  }

  /** Whether CS has a limit below 4 GiB, so that targets of jumps have to be checked. */
  public boolean csLimited() {
    return codeLimit >= 0 && codeLimit < 0xffffffffL;
  }

  /** Whether an address is canonical: 48 bits wide, or 57 with 5-level paging. */
  public boolean canonical(long address) {
    int unused = (cr4 & Flag.CR4_LA57) != 0 ? 7 : 16;
    return address << unused >> unused == address;
  }

  /**
   * Sets RFLAGS bits selected by {@code mask}; to be followed by the end of the block when the mask contains TF, IF, AC or VM.
   */
  public void setFlags(int value, int mask) {
    setStatus(statusFlags() & ~mask | value & mask & Flag.STATUS);
    int old = flags;
    flags = flags & ~mask | value & mask & ~Flag.STATUS | 2;
    int changed = old ^ flags;
    if ((changed & (Flag.AC | Flag.VM)) != 0) {
      modeChanged();
    }
    if ((flags & Flag.TF) != 0 || (changed & flags & Flag.IF) != 0 && controls.interruptWindowExiting) {
      attention = true;
    }
  }

  // ---- stack -----------------------------------------------------------------------------------------------------------------------

  /** Linear address of bytes on the stack at {@code offset} (cut to the stack size), the segment checked. */
  public long stack(long offset, int size, boolean write) {
    if ((mode & 3) == 2) {
      return offset;
    }
    return linear(Segment.SS, (mode & MODE_STACK32) != 0 ? offset & 0xffffffffL : offset & 0xffff, size, write);
  }

  /** Sets the stack pointer as pushes and pops do: outside 64-bit mode only the part in use changes. */
  public void setStackPointer(long value) {
    if ((mode & 3) == 2) {
      r[RSP] = value;
    } else if ((mode & MODE_STACK32) != 0) {
      r[RSP] = value & 0xffffffffL;
    } else {
      r[RSP] = r[RSP] & ~0xffffL | value & 0xffff;
    }
  }

  /** Pushes 2, 4 or 8 bytes. */
  public void push(int size, long value) {
    long sp = r[RSP] - size;
    write(stack(sp, size, true), size, value);
    setStackPointer(sp);
  }

  /** The 2, 4 or 8 bytes at {@code distance} bytes from the top of the stack. */
  public long peek(int distance, int size) {
    return read(stack(r[RSP] + distance, size, false), size);
  }

  // ---- requests from outside -----------------------------------------------------------------------------------------------------------

  /** Leave soon. From any thread. */
  public void kick() {
    kicked = true;
    ATTENTION.setVolatile(this, true);
  }

  /** Runs something on this processor's thread at the next block end (or before the next instruction). From any thread. */
  public void request(Runnable action) {
    requests.add(action);
    ATTENTION.setVolatile(this, true);
  }

  /** The run loop has to look around after this block. Only from the processor's own thread. */
  public void attention() {
    attention = true;
  }

  /** Forgets decoded code of these bytes. Only from the processor's own thread, or while it stands. */
  public void forgetCode(long physical, long length) {
    code.written(physical, length);
  }

  /** Forgets all decoded code: what it was bound to has changed (features, breakpoints). */
  public void forgetAllCode() {
    code.clear();
  }

  @Override
  protected void codeWritten(long physical, int size) {
    codeChanged |= code.written(physical, size);
    for (Cpu peer : peers) {
      if (peer != this) {
        peer.request(() -> peer.forgetCode(physical, size));
      }
    }
  }

  /** A write of 1 to 8 bytes that does not hit the TLB; returns whether it has changed decoded code. */
  public boolean writeMiss(long linear, int size, long value) {
    codeChanged = false;
    slowWrite(linear, size, value);
    return codeChanged;
  }

  void codePageAdded(long physicalPage) {
    protectCode(physicalPage);
    for (Cpu peer : peers) {
      if (peer != this) {
        peer.request(() -> peer.codePageElsewhere(physicalPage));
      }
    }
  }

  // Another processor has decoded code of this page. If this one could still write to it, it may have done so since: then what the
  // others have decoded may be stale.
  private void codePageElsewhere(long physicalPage) {
    if (protectCode(physicalPage)) {
      codeWritten(physicalPage, 4096);
    }
  }

  @Override
  protected void watched(long linear, int size, boolean write) {
    debug.dataAccess(linear, size, write);
  }

  // ---- the run loop --------------------------------------------------------------------------------------------------------------------

  /**
   * Executes until a VM exit, which is described by {@link #exitSignal}; {@link #rip} is that of the instruction that exits, or of the
   * next instruction when the exit comes between two.
   */
  public void run() {
    while (true) {
      Op current = null;
      try {
        while (attention) {
          lookAround();
        }
        Op op = enter();
        do {
          current = op;
          op = op.execute(this);
          order();
        } while (op != null);
        if (exits) {
          exits = false;
          stopAt(current);
          return;
        }
      } catch (GuestFault fault) {
        if (faulted(current)) {
          return;
        }
      } catch (ExitSignal exit) {
        stopAt(current);
        return;
      }
    }
  }

  /**
   * The guest's memory order is that of the x86, TSO. The host's accesses have the same order (or the backend allows one processor
   * only), so that it is enough to keep the compiler from moving the guest's: these fences are no instructions on such a host.
   */
  private static void order() {
    VarHandle.acquireFence(); // loads stay before what comes later
    VarHandle.releaseFence(); // stores stay behind what came before
  }

  /**
   * Set by an operation that ends in a VM exit and returns null instead of throwing: throwing costs more than a port access itself, and
   * ports are what a guest exits for most.
   */
  boolean exits;

  /** A direct jump that wants to know the block it led to. */
  Link pendingLink;

  private Op enter() {
    Link link = pendingLink;
    pendingLink = null;
    Block block = code.lookup(rip);
    if (link != null) {
      link.resolved(block, fetchGeneration(rip));
    }
    if (--untilSample < 0) {
      sample(block);
    }
    return block.first;
  }

  /** Goes to a computed target; the caller has counted the block's instructions. */
  public Op indirect(long target) {
    if (!attention) {
      Block b = code.cached(target);
      if (b != null) {
        if (--untilSample < 0) {
          sample(b);
        }
        return b.first;
      }
    }
    rip = target;
    return null;
  }

  // ---- hot code ------------------------------------------------------------------------------------------------------------------------

  private Hotspots hotspots;
  private int sampleSeed = 1;

  /** Transitions between blocks until the next one is looked at. */
  int untilSample = Integer.MAX_VALUE;

  /** Who is told about hot blocks. Before the processor runs. */
  public void hotspots(Hotspots listener) {
    hotspots = listener;
    untilSample = 0;
  }

  /** Looks at a block that is about to be entered: one of many, at changing distances, so that no loop hides between the samples. */
  void sample(Block block) {
    if (hotspots == null) {
      untilSample = Integer.MAX_VALUE;
      return;
    }
    int interval = hotspots.interval();
    sampleSeed = sampleSeed * 0x19660d + 0x3c6ef35f;
    untilSample = (int) ((long) interval * (0x8000_0000L + (sampleSeed & 0xffff_ffffL)) >>> 32);
    if (++block.heat == hotspots.threshold()) {
      hotspots.hot(this, block);
    }
  }

  /** The block at an instruction pointer in the present mode if it has been decoded, else null. */
  public Block existingBlock(long target) {
    return code.existing(target);
  }

  /** Whether the processor executes code as the block was decoded. */
  public boolean isInModeOf(Block block) {
    return block.mode == mode && block.csBase == csBase;
  }

  /** Whether code is executed that may be translated: flat, without control-flow enforcement. */
  public boolean translatable() {
    return mode64() && (mode & ControlFlow.MODES) == 0
        || (mode & 3) == CodeMode.BITS32.ordinal() && flatSegments() && (mode & MODE_STACK32) != 0 && !csLimited()
            && csBase == 0 && (mode & ControlFlow.MODES) == 0;
  }

  /** Whether the run loop has something to look at; read anew each time. */
  public boolean wantsAttention() {
    return (boolean) ATTENTION.getAcquire(this);
  }

  /**
   * Executes one instruction and nothing else: a fault is thrown, not delivered. For tests, and for whoever wants a single instruction
   * executed that another backend cannot.
   */
  public void executeOne() {
    Op next = code.lookup(rip).plain().execute(this);
    throwExit();
    if (next != null) {
      rip = next.rip & ripMask;
    }
  }

  private void throwExit() {
    if (exits) {
      exits = false;
      throw exitSignal;
    }
  }

  private boolean faulted(Op current) {
    stopAt(current);
    blameStack(current);
    try {
      raise(guestFault.vector, EventDelivery.HARDWARE_EXCEPTION, guestFault.errorCode, 0);
      return false;
    } catch (ExitSignal exit) {
      return true;
    }
  }

  /** An address that is not canonical is #SS(0) where the access was to the stack. */
  private void blameStack(Op op) {
    if (notCanonical) {
      notCanonical = false;
      if (op != null && op.usesStack()) {
        guestFault.vector = Vector.SS;
      }
    }
  }

  private void stopAt(Op current) {
    if (current != null) {
      rip = current.rip;
      exitLength = current.length;
      instructions += current.index;
    }
    io.rewind();
  }

  /** Length in bytes of the instruction that caused the last exit. */
  public int exitLength;

  /** Something is to be looked at between two instructions; may raise a VM exit. */
  private void lookAround() {
    pendingLink = null;
    attention = false;
    VarHandle.fullFence();
    for (Runnable r = requests.poll(); r != null; r = requests.poll()) {
      r.run();
    }
    boolean shadow = stiShadow || movSsShadow;
    if (!io.isActive()) {
      if (!movSsShadow && debug.pending()) {
        debug.deliverPending();
      }
      if (kicked && !shadow) { // whoever kicks might want to inject an event, which the shadow does not let in
        kicked = false;
        attention = true;
        throw exit(EXIT_EXTERNAL_INTERRUPT, 0);
      }
      if (!shadow) {
        betweenInstructions();
      }
    }
    boolean trap = controls.monitorTrapFlag;
    if (shadow || trap || io.isActive() || (flags & Flag.TF) != 0 || debug.breakpointsEnabled()) {
      attention = true;
      step();
      if (trap) {
        throw exit(EXIT_MONITOR_TRAP_FLAG, 0);
      }
    }
  }

  /** Basic exit reasons that come between instructions. */
  public static final int EXIT_EXTERNAL_INTERRUPT = 1;

  public static final int EXIT_INTERRUPT_WINDOW = 7;
  public static final int EXIT_NMI_WINDOW = 8;
  public static final int EXIT_MONITOR_TRAP_FLAG = 37;
  public static final int EXIT_TRIPLE_FAULT = 2;

  private void betweenInstructions() {
    if (controls.nmiWindowExiting && !nmiBlocked) {
      throw exit(EXIT_NMI_WINDOW, 0);
    }
    if (controls.interruptWindowExiting && (flags & Flag.IF) != 0) {
      throw exit(EXIT_INTERRUPT_WINDOW, 0);
    }
  }

  /** IRET ends the blocking of NMIs. */
  public void unblockNmi() {
    if (nmiBlocked) {
      nmiBlocked = false;
      attention = true;
    }
  }

  /** Executes one instruction, with what has to be looked at before and after it. */
  private void step() {
    if (debug.breakpointsEnabled() && !io.isActive() && !movSsShadow && debug.hitsInstruction(rip)) {
      return; // #DB has been delivered
    }
    boolean trap = (flags & Flag.TF) != 0;
    stiShadow = false;
    movSsShadow = false;
    Op op = null;
    long before = instructions;
    stepping = true;
    try {
      op = code.lookup(rip).plain();
      Op next = op.execute(this);
      throwExit();
      if (next != null) {
        rip = next.rip & ripMask;
      }
      io.clear();
      instructions = before + 1;
    } catch (GuestFault fault) {
      rip = op == null ? rip : op.rip;
      instructions = before;
      io.clear();
      blameStack(op);
      raise(guestFault.vector, EventDelivery.HARDWARE_EXCEPTION, guestFault.errorCode, 0);
      return;
    } catch (ExitSignal exit) {
      if (op != null) {
        rip = op.rip;
        exitLength = op.length;
      }
      instructions = before;
      throw exit;
    } finally {
      stepping = false;
    }
    if (trap) {
      if (!movSsShadow) { // loading SS suppresses the trap; the next instruction has its own
        debug.singleStepTrap();
      }
      attention = true;
    }
  }

  /** Delivers an injected event before the next instruction; may raise a VM exit. */
  public void inject(int vector, int kind, int errorCode, int instructionLength) {
    if (vector == Vector.PF && kind == EventDelivery.HARDWARE_EXCEPTION) {
      pageFaultAddress = cr2;
    }
    io.rewind();
    deliver(vector, kind, errorCode, instructionLength, true);
    io.clear();
  }

  /** The monitor has carried out an instruction of this length: goes behind it. */
  public void skip(int length) {
    rip = rip + length & ripMask;
    instructions++;
    stiShadow = false;
    movSsShadow = false;
    if ((flags & Flag.TF) != 0) {
      debug.singleStepTrap();
      attention = true;
    }
  }

  /**
   * Delivers an event through the guest's IDT, with what the SDM says about faults during delivery: double faults, triple fault.
   *
   * @param kind one of {@link EventDelivery}'s
   * @param errorCode or -1
   * @param instructionLength of a software interrupt or exception
   */
  public void raise(int vector, int kind, int errorCode, int instructionLength) {
    deliver(vector, kind, errorCode, instructionLength, false);
  }

  private void deliver(int vector, int kind, int errorCode, int instructionLength, boolean injected) {
    boolean intercept = !injected;
    int v = vector;
    int k = kind;
    int error = errorCode;
    int length = instructionLength;
    while (true) {
      if (k == EventDelivery.HARDWARE_EXCEPTION) {
        if (intercept) {
          EventDelivery.exceptionExit(this, v, error);
        }
        if (v == Vector.PF) {
          cr2 = pageFaultAddress;
        }
      }
      vectoring = v;
      vectoringKind = k;
      vectoringErrorCode = error;
      try {
        EventDelivery.deliver(this, v, k, error, length);
        vectoring = -1;
        return;
      } catch (GuestFault second) {
        int next = EventDelivery.combine(k, v, second.vector);
        if (second.vector == Vector.PF) {
          cr2 = pageFaultAddress; // also where it becomes a double fault
        }
        if (next < 0) {
          vectoring = -1;
          throw exit(EXIT_TRIPLE_FAULT, 0);
        }
        error = next == Vector.DF ? 0 : second.errorCode;
        v = next;
        k = EventDelivery.HARDWARE_EXCEPTION;
        intercept = true;
        length = 0;
      }
    }
  }
}
