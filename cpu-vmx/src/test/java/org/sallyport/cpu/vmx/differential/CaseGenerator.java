package org.sallyport.cpu.vmx.differential;

import static org.sallyport.cpu.vmx.differential.MachineState.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.InstructionStream;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.state.Flag;

/**
 * Random cases. What memory an instruction uses is put into the two pages of data, at their edges and beyond them, by choosing the
 * registers (or the displacement) that its address is made of. A tame case keeps away from the edges, masks floating-point exceptions and
 * has operands that let its instruction complete; nothing else about it is different.
 */
final class CaseGenerator {
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int RSI = 6;
  private static final int RDI = 7;

  /** Number of SS where an instruction names a segment register. */
  private static final int HARDWARE_SS = 2;

  // @formatter:off
  private static final int[] SELECTORS = {
    0, 0x08, 0x10, 0x18, 0x1b, 0x20, 0x23, 0x28, 0x2b, 0x30, 0x33, 0x38, 0x40, 0x50, 0x63, 0x7b, 0x80, 0x0f, 0x17, 0x1f, 0x27, 0x2f,
    0x37, 0x3f, 0x47, 0x4f, 0x57, 0x5f, 0x67, 0xffff, 0x15, 0x14, 0x16,
  };
  private static final int[] CODE_SELECTORS = {
    Layout.CODE32, Layout.CODE64, Layout.LDT_CODE16, Layout.LDT_CODE32, 0x37,
  };
  // @formatter:on

  private final SplittableRandom random;
  private final Values values;
  private final InstructionStream stream;
  private final InstructionStream.Encoded encoded = new InstructionStream.Encoded();
  private final Instruction in = new Instruction();
  private boolean tame;
  private long divisor;

  CaseGenerator(long seed) {
    random = new SplittableRandom(seed);
    values = new Values(random);
    stream = new InstructionStream(random);
  }

  /** A case with an instruction of this form, or null when none came out that is in scope. */
  TestCase next(InstructionStream.Form form, boolean wantsTame) {
    tame = wantsTame;
    if (!stream.encode(form, in, encoded) || !Scope.contains(in)) {
      return null;
    }
    return fill(new TestCase(form.mode()));
  }

  /** A case with any bytes as its instruction. */
  TestCase noise(CodeMode mode) {
    tame = false;
    if (!stream.noise(mode, in, encoded)) {
      return null;
    }
    if (encoded.code.length > 15) {
      return tooLong(mode);
    }
    return !Scope.contains(in) ? null : fill(new TestCase(mode));
  }

  private TestCase tooLong(CodeMode mode) {
    TestCase c = new TestCase(mode);
    c.before.set(CaseText.initial(mode));
    c.code = encoded.code;
    c.place(0x100);
    return c;
  }

  private TestCase fill(TestCase c) {
    values.begin();
    c.code = encoded.code;
    MachineState s = c.before;
    segments(c);
    if (!Scope.contains(c)) {
      s.selectors[SS] = Layout.DATA32;
    }
    boolean atEnd = wild(40);
    c.place(atEnd ? 4096 - 1 - values.below(c.code.length) : 0x100 + values.below(64));
    in.address = s.rip;
    for (int i = 0; i < 16; i++) {
      s.gpr[i] = values.integer();
    }
    s.flags = 0x202 | random.nextInt() & (Flag.STATUS | Flag.DF)
        | (wild(16) ? random.nextInt() & (Flag.NT | Flag.ID) : 0)
        | (wild(8) ? Flag.AC : 0);
    if (!values.oneIn(8)) {
      s.flags &= ~(long) Flag.DF;
    }
    floatingPoint(c);
    operands(c);
    if (!c.is64()) {
      for (int i = 0; i < 16; i++) {
        s.gpr[i] = i < 8 ? s.gpr[i] & 0xffffffffL : 0;
      }
    }
    if (!Scope.contains(c)) {
      return null;
    }
    c.stepped = Scope.needsStep(in) || values.oneIn(4);
    return c;
  }

  /** One case in n, unless it is to be tame. */
  private boolean wild(int n) {
    return !tame && values.oneIn(n);
  }

  /** All cases but one in n, and all the tame ones. */
  private boolean sensible(int n) {
    return tame || !values.oneIn(n);
  }

  // ---- segments ----------------------------------------------------------------------------------------------------------------------

  private void segments(TestCase c) {
    int[] sel = c.before.selectors;
    switch (c.mode) {
      case BITS64 -> {
        sel[CS] = Layout.CODE64;
        sel[SS] = Layout.DATA32;
        sel[DS] = values.oneIn(4) ? Layout.DATA32 : 0;
        sel[ES] = values.oneIn(4) ? Layout.LDT_DATA16 : 0;
        sel[FS] = 0;
        sel[GS] = values.oneIn(4) ? Layout.DATA32 : 0;
        c.before.fsBase = wild(8) ? values.bits() >> 17 : Layout.DATA + values.below(0x3000);
        c.before.gsBase = wild(8) ? values.bits() >> 17 : Layout.DATA - values.below(0x3000);
        return;
      }
      case BITS32 -> {
        boolean flat = sensible(4);
        sel[CS] = flat ? Layout.CODE32 : Layout.LDT_CODE32;
        int data = in.addressSize == 2 && tame ? Layout.LDT_DATA16 : Layout.DATA32; // where 16 bits reach
        for (int i = SS; i <= GS; i++) {
          sel[i] = tame ? data : flat && i < FS ? Layout.DATA32 : dataSelector(i);
        }
      }
      default -> {
        sel[CS] = Layout.LDT_CODE16;
        for (int i = SS; i <= GS; i++) {
          sel[i] = wild(4) ? dataSelector(i) : Layout.LDT_DATA16;
        }
      }
    }
    c.before.fsBase = base(sel[FS]);
    c.before.gsBase = base(sel[GS]);
  }

  private int dataSelector(int segment) {
    while (true) {
      int selector = SELECTORS[values.below(SELECTORS.length)];
      Layout.Descriptor d = Layout.descriptor(selector);
      if (selector < 4 && segment != SS) {
        return selector;
      }
      if (d == null || (selector & 3) != 3 || !d.isPresent() || selector == 0x7b || (d.access() & 0x60) != 0x60) {
        continue;
      }
      boolean readable = !d.isCode() || (d.access() & 2) != 0;
      boolean writable = !d.isCode() && (d.access() & 2) != 0;
      if (segment == SS ? writable : readable) {
        return selector;
      }
    }
  }

  private static long base(int selector) {
    Layout.Descriptor d = Layout.descriptor(selector);
    return d == null || selector < 4 ? 0 : d.base();
  }

  private long segmentBase(TestCase c, int segment) {
    MachineState s = c.before;
    return switch (segment) {
      case 4 -> s.fsBase;
      case 5 -> s.gsBase;
      default -> c.is64() ? 0 : base(s.selectors[new int[]{ES, CS, SS, DS}[segment]]);
    };
  }

  // ---- x87, MMX and SSE registers -----------------------------------------------------------------------------------------------------

  private void floatingPoint(TestCase c) {
    MachineState s = c.before;
    ByteBuffer f = s.fpu;
    int control = 0x40 | values.below(16) << 8 | (wild(3) ? values.below(64) : 0x3f);
    int status = values.bits() << 48 >>> 48 == 0 ? 0 : values.below(0x10000) & 0x7f00;
    status |= values.oneIn(2) ? values.below(128) & 0x7f & (wild(24) ? 0x7f : control | 0x40) : 0;
    if ((status & ~control & 0x3f) != 0) {
      status |= 0x8080;
    }
    int empty = values.oneIn(3) ? values.below(256) : 0;
    f.putShort(FCW, (short) control).putShort(FSW, (short) status).putShort(FTW, (short) (~empty & 0xff));
    // The pointers to the last instruction stay 0: some processors forget them while no exception is pending.
    int mxcsr = wild(4)
        ? values.below(0x10000)
        : 0x1f80 | values.below(0x10000) & (values.oneIn(2) ? 0xe07f : 0x20);
    f.putInt(MXCSR, mxcsr).putInt(MXCSR + 4, 0xffff);
    for (int i = 0; i < 8; i++) {
      values.st(s, i);
    }
    if (values.oneIn(4)) { // two that are close to each other
      int se = s.signExponent(0) ^ values.below(2) << 15;
      s.st(1, se & 0x8000 | (se & 0x7fff) + values.below(5) - 2 & 0x7fff, s.mantissa(0) + values.below(3) - 1);
    }
    for (int i = 0; i < 32; i++) {
      s.xmm(i, values.word());
    }
  }

  // ---- operands in memory ----------------------------------------------------------------------------------------------------------------

  private void operands(TestCase c) {
    MachineState s = c.before;
    long stack = stackTarget();
    setOffset(c, RSP, 2, stack, stackSize(c));
    integerOperands(c);
    long target = target(operandBytes());
    switch (in.mnemonic) {
      case MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS -> {
        target = strings(c);
      }
      case XLAT -> setOffset(c, 3, in.segment, target - (s.gpr[0] & 0xff), in.addressSize);
      case MASKMOVQ, MASKMOVDQU -> setOffset(c, RDI, in.segment, target, in.addressSize);
      case ENTER, LEAVE -> {
        if (sensible(4)) {
          setOffset(c, RBP, 2, Layout.DATA + 0x100 + values.below(0x1e00), stackSize(c));
        }
        if (in.mnemonic == Mnemonic.ENTER && sensible(4)) {
          c.code[c.code.length - 2] = 1; // at most 511 bytes of locals
        }
        target = stack;
      }
      default -> {
        if (in.hasMemory()) {
          aim(c, target);
        } else {
          target = stack;
        }
      }
    }
    overlay(c, target);
  }

  private int stackSize(TestCase c) {
    if (c.is64()) {
      return 8;
    }
    Layout.Descriptor d = Layout.descriptor(c.before.selectors[SS]);
    return d != null && (d.access() & 0x4000) != 0 ? 4 : 2;
  }

  private int operandBytes() {
    int size = 1;
    for (int i = 0; i < in.operands; i++) {
      if (in.kind[i] == OperandKind.MEMORY) {
        size = Math.max(1, in.size[i]);
      }
    }
    return size;
  }

  /** The stack is mostly well inside the data, sometimes near an edge. */
  private long stackTarget() {
    long at = switch (tame ? 3 : values.below(12)) {
      case 0 -> Layout.DATA + values.below(0x40);
      case 1 -> Layout.READ_ONLY - values.below(0x20);
      case 2 -> Layout.DATA + 0x1000 + values.below(64) - 32;
      default -> Layout.DATA + 0x400 + values.below(0x1800);
    };
    return wild(6) ? at : at & -8;
  }

  /** Where an operand of this size is to be. */
  private long target(int size) {
    long inside = Layout.DATA + 64 + values.below(Layout.DATA_SIZE - 64 - Math.min(1024, size));
    int slip = size == 1 ? 0 : 1 + values.below(size - 1);
    return switch (tame ? size >= 16 ? 24 : 9 + values.below(12) : values.below(24)) {
      case 0 -> inside & 0xfff | Layout.READ_ONLY;
      case 1 -> Layout.READ_ONLY - slip; // into the read-only page
      case 2 -> Layout.DATA - slip; // from what is not mapped
      case 3 -> Layout.READ_ONLY + 0x1000 - slip; // from the read-only page into what is not mapped
      case 4 -> Layout.READ_ONLY + 0x1000 + values.below(0x1000);
      case 5 -> values.oneIn(2) ? values.bits() : values.bits() >> 16;
      case 6, 7, 8 -> Layout.DATA + 0x1000 - slip; // over the boundary between the two pages
      case 9, 10, 11, 12, 13 -> inside;
      default -> inside & -16;
    };
  }

  /** Makes a register the offset of a linear address; its upper bits remain. */
  private void setOffset(TestCase c, int register, int segment, long linear, int addressSize) {
    set(c, register, linear - segmentBase(c, segment), addressSize);
  }

  private static void set(TestCase c, int register, long value, int size) {
    long mask = size == 8 ? -1L : size == 4 ? 0xffffffffL : 0xffffL;
    long[] r = c.before.gpr;
    r[register] = r[register] & ~mask | value & mask;
  }

  private void aim(TestCase c, long target) {
    MachineState s = c.before;
    long offset = target - segmentBase(c, in.segment);
    if (in.base == Instruction.RIP) {
      patch(c, target - (s.rip + c.code.length));
      return;
    }
    long index = in.index == Instruction.NO_REGISTER ? 0 : s.gpr[in.index] << in.scale;
    boolean shifted = (in.mnemonic == Mnemonic.BT || in.mnemonic == Mnemonic.BTS || in.mnemonic == Mnemonic.BTR
        || in.mnemonic == Mnemonic.BTC) && in.kind[1] == OperandKind.GPR && in.base != in.reg[1];
    if (shifted && sensible(8)) { // the bit is up to some hundred bytes away
      set(c, in.reg[1], values.below(4096) - 2048, in.size[1]);
      index = in.index == Instruction.NO_REGISTER ? 0 : s.gpr[in.index] << in.scale;
    }
    if (in.base == Instruction.NO_REGISTER) {
      if (in.index == Instruction.NO_REGISTER) {
        patch(c, offset);
      } else {
        set(c, in.index, offset - in.displacement >> in.scale, in.addressSize);
      }
    } else if (in.base == in.index) {
      set(c, in.base, (offset - in.displacement) / (1 + (1L << in.scale)), in.addressSize);
    } else {
      set(c, in.base, offset - in.displacement - index, in.addressSize);
    }
  }

  private void patch(TestCase c, long displacement) {
    for (int i = 0; i < encoded.displacementSize; i++) {
      c.code[encoded.displacement + i] = (byte) (displacement >>> 8 * i);
    }
  }

  private long strings(TestCase c) {
    int size = in.size[0];
    long from = target(size);
    long to = values.oneIn(3) ? from + values.below(5 * size) - 2 * size : target(size);
    setOffset(c, RSI, in.segment, from, in.addressSize);
    setOffset(c, RDI, 0, to, in.addressSize);
    if (in.rep || in.repne) {
      set(c, 1, wild(8) ? values.below(120) : values.below(8), in.addressSize);
    }
    return values.oneIn(2) ? from : to;
  }

  /** Operands of some instructions that make sense more often than random ones. */
  private void integerOperands(TestCase c) {
    MachineState s = c.before;
    switch (in.mnemonic) {
      case DIV, IDIV -> {
        divisor = values.integer();
        if (sensible(2)) {
          division(c);
        }
      }
      case LOOP, LOOPE, LOOPNE, JCXZ -> {
        if (values.oneIn(2)) {
          set(c, 1, values.below(3), in.addressSize);
        }
      }
      case SHL, SHR, SAR, ROL, ROR, RCL, RCR, SHLD, SHRD -> {
        if (values.oneIn(2)) {
          s.gpr[1] = values.below(70);
        }
      }
      case PCMPESTRI, PCMPESTRM -> {
        s.gpr[0] = values.oneIn(8) ? values.integer() : values.below(40) - 20;
        s.gpr[2] = values.oneIn(8) ? values.integer() : values.below(40) - 20;
      }
      case LAR, LSL, VERR, VERW, ARPL, MOV -> {
        boolean segment = in.kind[0] == OperandKind.SEGMENT;
        for (int i = 0; i < in.operands; i++) {
          if (in.kind[i] == OperandKind.GPR && (segment || in.mnemonic != Mnemonic.MOV)) {
            set(c, in.reg[i], segment ? selector(in.reg[0] == HARDWARE_SS) : selector(), 2);
          }
        }
      }
      case WRFSBASE, WRGSBASE -> {
        if (tame || values.oneIn(2)) {
          s.gpr[in.reg[0]] = s.gpr[in.reg[0]] << 16 >> 16;
        }
      }
      case JMP_FAR, CALL_FAR -> {
        if (in.kind[0] == OperandKind.FAR_POINTER && sensible(4)) {
          immediateFarPointer(c);
        }
      }
      default -> {}
    }
    if (in.mnemonic == Mnemonic.JMP || in.mnemonic == Mnemonic.CALL) {
      if (in.kind[0] == OperandKind.GPR && sensible(4)) {
        s.gpr[in.reg[0]] = codeAddress(c);
      }
    }
  }

  private int selector() {
    return values.oneIn(6)
        ? values.below(0x10000) & ~(values.oneIn(2) ? 0xff00 : 0)
        : SELECTORS[values.below(SELECTORS.length)];
  }

  /** A selector for a segment register. */
  private int selector(boolean stack) {
    return tame || values.oneIn(2) ? dataSelector(stack ? SS : DS) : selector();
  }

  /** For a code segment: mostly the one that there is. */
  private int codeSelector(TestCase c) {
    return tame && !values.oneIn(4) || values.oneIn(2)
        ? c.before.selectors[CS]
        : tame ? CODE_SELECTORS[values.below(CODE_SELECTORS.length)] : selector();
  }

  private void immediateFarPointer(TestCase c) {
    int selector = codeSelector(c);
    int at = c.code.length - 2;
    c.code[at] = (byte) selector;
    c.code[at + 1] = (byte) (selector >> 8);
    long target = codeAddress(c, selector);
    for (int i = 0; i < in.operandSize; i++) {
      c.code[at - in.operandSize + i] = (byte) (target >>> 8 * i);
    }
  }

  /** Makes the dividend of any divisor, quotient and remainder: it mostly does not overflow, however large they are. */
  private void division(TestCase c) {
    boolean signed = in.mnemonic == Mnemonic.IDIV;
    int size = in.size[0];
    divisor = narrow(values.integer(), size, signed);
    divisor = divisor == 0 ? 1 : divisor;
    long quotient = narrow(values.integer(), size, signed);
    long remainder = signed ? values.bits() % divisor : Long.remainderUnsigned(values.bits(), divisor);
    long product = quotient * divisor;
    long low = product + remainder;
    long high = signed
        ? Math.multiplyHigh(quotient, divisor) + (remainder >> 63)
        : Math.unsignedMultiplyHigh(quotient, divisor);
    high += Long.compareUnsigned(low, product) < 0 ? 1 : 0;
    if (in.kind[0] == OperandKind.HIGH_BYTE) {
      int register = in.reg[0];
      c.before.gpr[register] = c.before.gpr[register] & ~0xff00L | (divisor & 0xff) << 8;
    } else if (in.kind[0] == OperandKind.GPR) {
      set(c, in.reg[0], divisor, size);
    }
    if (size == 1) {
      set(c, 0, low, 2);
    } else {
      set(c, 0, low, size);
      set(c, 2, size == 8 ? high : low >> 8 * size, size);
    }
  }

  private static long narrow(long v, int size, boolean signed) {
    int unused = 64 - 8 * size;
    return signed ? v << unused >> unused : v << unused >>> unused;
  }

  /** Near the instruction, as an offset in another code segment. */
  private long codeAddress(TestCase c, int selector) {
    long base = selector == c.before.selectors[CS] || selector == 0 ? c.codeBase() : base(selector);
    return codeAddress(c) + c.codeBase() - base;
  }

  private long codeAddress(TestCase c) {
    return c.before.rip + values.below(512) - 256;
  }

  // ---- memory -------------------------------------------------------------------------------------------------------------------------------

  /** Puts data around an address where it lies in the two pages. */
  private void overlay(TestCase c, long target) {
    int size = switch (in.mnemonic) {
      case FXRSTOR -> 528;
      case FRSTOR, FLDENV -> 128;
      default -> 64;
    };
    long from = (target & -8) - (size == 64 ? 16 : 0);
    long offset = from - Layout.DATA;
    if (offset < 0 || offset + size > Layout.DATA_SIZE) {
      return;
    }
    c.overlayOffset = (int) offset;
    c.overlay = new byte[size];
    ByteBuffer b = ByteBuffer.wrap(c.overlay).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < size; i += 8) {
      b.putLong(i, values.word());
    }
    int at = (int) (target - from);
    switch (in.mnemonic) {
      case FXRSTOR -> {
        b.putInt(at + MXCSR, wild(8) ? 0x40000 << values.below(14) : values.below(0x10000));
        for (int i = 0; i < 8; i++) {
          MachineState s = new MachineState();
          values.st(s, i);
          b.putLong(at + ST + 16 * i, s.mantissa(i)).putShort(at + ST + 16 * i + 8, (short) s.signExponent(i));
        }
      }
      case LDMXCSR -> b.putInt(at, wild(8) ? 0x40000 << values.below(14) : values.below(0x10000));
      case FBLD -> {
        if (!values.oneIn(4)) {
          b.putLong(at, values.decimal()).putShort(at + 8, (short) (values.decimal() & 0x99 | values.below(2) << 15));
        }
      }
      case FLD -> {
        if (in.size[0] == 10) {
          MachineState s = new MachineState();
          values.st(s, 0);
          b.putLong(at, s.mantissa(0)).putShort(at + 8, (short) s.signExponent(0));
        }
      }
      case FRSTOR -> {
        int head = in.operandSize == 2 ? 14 : 28;
        for (int i = 0; i < 8; i++) {
          MachineState s = new MachineState();
          values.st(s, 0);
          b.putLong(at + head + 10 * i, s.mantissa(0)).putShort(at + head + 10 * i + 8, (short) s.signExponent(0));
        }
      }
      case BOUND -> {
        long v = c.before.gpr[in.reg[0]];
        int half = in.operandSize;
        int slip = tame ? 0 : 1;
        long low = v - values.below(3) + slip;
        long high = v + values.below(3) - slip;
        b.putInt(at, (int) low);
        b.putInt(at + half, (int) high);
      }
      case JMP, CALL, RET -> {
        if (sensible(4)) {
          b.putLong(at, codeAddress(c));
        }
      }
      case JMP_FAR, CALL_FAR, RET_FAR, IRET, LDS, LES, LFS, LGS, LSS, POP, MOV, LAR, LSL, VERR, VERW, ARPL ->
        farPointer(c, b, at);
      case DIV, IDIV -> put(b, at, in.size[0], divisor);
      case POPF -> b.putLong(at, b.getLong(at) & (values.oneIn(4) ? -1 : ~(long) Flag.AC));
      default -> {}
    }
  }

  /** Frames of far returns, far pointers, selectors. */
  private void farPointer(TestCase c, ByteBuffer b, int at) {
    int size = in.operandSize;
    switch (in.mnemonic) {
      case MOV, POP, LAR, LSL, VERR, VERW, ARPL -> {
        if (in.kind[0] == OperandKind.SEGMENT || in.mnemonic != Mnemonic.MOV && in.mnemonic != Mnemonic.POP) {
          boolean segment = in.kind[0] == OperandKind.SEGMENT;
          b.putShort(at, (short) (segment ? selector(in.reg[0] == HARDWARE_SS) : selector()));
        }
      }
      case LDS, LES, LFS, LGS, LSS -> put(b, at + size, 2, selector(in.mnemonic == Mnemonic.LSS));
      case RET_FAR, IRET -> {
        int cs = codeSelector(c);
        put(b, at, size, codeAddress(c, cs));
        put(b, at + size, size, cs);
        if (in.mnemonic == Mnemonic.IRET) {
          put(b, at + 2 * size, size, 0x302 | values.below(0x1000) | Flag.TF);
          put(b, at + 3 * size, size, Layout.DATA + 0x800);
          put(b, at + 4 * size, size, tame || values.oneIn(2) ? Layout.DATA32 : selector());
        }
      }
      default -> {
        int cs = codeSelector(c);
        put(b, at, size, codeAddress(c, cs));
        put(b, at + size, 2, cs);
      }
    }
  }

  private static void put(ByteBuffer b, int at, int size, long value) {
    for (int i = 0; i < size && at + i < b.capacity(); i++) {
      b.put(at + i, (byte) (value >>> 8 * i));
    }
  }
}
