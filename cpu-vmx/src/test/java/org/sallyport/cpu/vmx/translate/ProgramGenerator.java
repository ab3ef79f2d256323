package org.sallyport.cpu.vmx.translate;

import static org.sallyport.cpu.vmx.decode.Mnemonic.*;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.InstructionStream;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.translate.Program.Patch;
import org.sallyport.cpu.vmx.translate.Program.Piece;

/**
 * Random programs with loops, branches, calls, indirect jumps, and stores into their own code. Registers that an operand's address is made of
 * are mostly given a value just before, so that the operand is in the data, at the edge of a page, or somewhere else that matters.
 */
final class ProgramGenerator {
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int RSI = 6;
  private static final int RDI = 7;
  private static final int R15 = 15;

  private static final Set<Mnemonic> NATIVE =
      EnumSet.of(MOV, MOVSX, MOVSXD, MOVZX, XCHG, BSWAP, CMOV, LEA, PUSH, POP, LEAVE, CBW, CWD, ADD,
          OR, ADC, SBB, AND, SUB, XOR, CMP, TEST, INC, DEC, NEG, NOT, MUL, IMUL, ROL, ROR, SHL, SHR, SAR, BT, BTS, BTR,
          BTC, SET, NOP);

  private static final Set<Mnemonic> OTHER =
      EnumSet.of(MOVBE, XADD, CMPXCHG, CMPXCHG8B, CMPXCHG16B, XLAT, PUSHA, POPA, PUSHF, LAHF, SAHF,
          MOVNTI, DIV, IDIV, DAA, DAS, AAA, AAS, AAM, AAD, RCL, RCR, SHLD, SHRD, BSF, BSR, TZCNT, LZCNT, POPCNT, CRC32,
          SALC, CLC, STC, CMC,
          CLD, ENDBR, PREFETCH, PREFETCHW, PREFETCHNTA, PREFETCHT0, LFENCE, MFENCE, SFENCE, CLFLUSH, RDTSC, RDFSBASE,
          RDGSBASE, POPF, ENTER,
          STD, STI, CLI, BOUND, IN, OUT, CPUID, FXSAVE, XSAVE, XGETBV, LAR, LSL, VERR, SMSW, SLDT, WRFSBASE, UD2, INT3,
          LDS);

  private static final Set<Mnemonic> STRINGS = EnumSet.of(MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS);

  private static final Set<Mnemonic> RARE =
      EnumSet.of(POPF, ENTER, STD, STI, CLI, POPA, BOUND, IN, OUT, CPUID, FXSAVE, XSAVE, WRFSBASE, UD2,
          INT3, LDS, SMSW, SLDT, LAR, LSL, VERR, XGETBV, RDTSC);

  private record Forms(List<InstructionStream.Form> simple, List<InstructionStream.Form> other,
      List<InstructionStream.Form> strings,
      List<InstructionStream.Form> x87, List<InstructionStream.Form> vectors) {}

  private static final Map<CodeMode, Forms> FORMS = new EnumMap<>(CodeMode.class);

  static {
    for (CodeMode mode : new CodeMode[]{CodeMode.BITS32, CodeMode.BITS64}) {
      Forms f =
          new Forms(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      for (InstructionStream.Form form : InstructionStream.forms(mode)) {
        Mnemonic m = form.mnemonic();
        List<InstructionStream.Form> to =
            NATIVE.contains(m)
                ? f.simple
                : OTHER.contains(m)
                    ? f.other
                    : STRINGS.contains(m)
                        ? f.strings
                        : m.compareTo(EMMS) >= 0 ? f.vectors : m.compareTo(FWAIT) >= 0 ? f.x87 : null;
        if (to != null) {
          to.add(form);
        }
      }
      FORMS.put(mode, f);
    }
  }

  private final SplittableRandom random;
  private final InstructionStream stream;
  private final Instruction in = new Instruction();
  private final InstructionStream.Encoded encoded = new InstructionStream.Encoded();
  private final Program program = new Program();
  private final boolean wide;
  private final Forms forms;

  /** Instructions to come in the present function. */
  private int budget;

  private int cells;
  private int depth;
  private boolean inRegisterLoop;
  private boolean recursive;

  /** Shares of x87 and vector instructions, of stores into code, of memory operands that go astray, in percent. */
  private final int floating;
  private final int modifying;
  private final int astray;

  private final List<Piece> functions = new ArrayList<>();
  private int function;

  /** Of its kind: an instruction with an immediate operand that stores may change. */
  private final List<Piece> victims = new ArrayList<>();

  ProgramGenerator(long seed) {
    random = new SplittableRandom(seed);
    stream = new InstructionStream(random);
    wide = random.nextInt(10) < 7;
    forms = FORMS.get(wide ? CodeMode.BITS64 : CodeMode.BITS32);
    floating = oneIn(2) ? 0 : random.nextInt(40);
    modifying = oneIn(2) ? 0 : random.nextInt(8);
    astray = oneIn(3) ? 0 : random.nextInt(25);
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private boolean percent(int p) {
    return random.nextInt(100) < p;
  }

  Program generate() {
    program.wide = wide;
    program.user = oneIn(3);
    program.seed = random.nextLong();
    program.start = Guest.CODE + (oneIn(2) ? 0x1000 - random.nextInt(500) : random.nextInt(0x400));
    int count = oneIn(2) ? 0 : 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      functions.add(new Piece());
    }
    boolean all = oneIn(2);
    if (all) { // mostly one big loop
      loop(10 + random.nextInt(40), 2 + random.nextInt(12));
    } else {
      block(10 + random.nextInt(60));
    }
    program.add(new Piece(0xcd, 0x80));
    for (function = 1; function <= functions.size(); function++) {
      Piece entry = program.add(functions.get(function - 1));
      entry.gap = oneIn(4) ? random.nextInt(2000) : 0;
      function();
    }
    return program;
  }

  private void function() {
    recursive = oneIn(3);
    Piece out = new Piece();
    if (recursive) {
      int cell = cell();
      counter(cell);
      branch(new int[]{0x0f, 0x8e}, 0x7e, out); // JLE
      block(1 + random.nextInt(5));
      call(functions.get(function - 1));
    }
    block(1 + random.nextInt(10));
    program.add(out);
    if (oneIn(8)) { // to elsewhere
      Piece landing = new Piece();
      storeLabel(landing);
      ret();
      block(2);
      program.add(landing);
      recursive = false;
      program.add(new Piece(0xcd, 0x80));
    } else {
      ret();
    }
  }

  private void ret() {
    program.add(oneIn(6) ? new Piece(0xc2, 8 * random.nextInt(3), 0) : new Piece(0xc3));
  }

  // ---- statements --------------------------------------------------------------------------------------------------------------------

  private void block(int instructions) {
    int saved = budget;
    budget = instructions;
    while (budget > 0) {
      statement();
    }
    budget = saved;
  }

  private void statement() {
    budget--;
    if (percent(modifying)) {
      modify();
      return;
    }
    switch (random.nextInt(40)) {
      case 0, 1, 2, 3 -> {
        Piece to = new Piece();
        conditional(to);
        nested(to);
      }
      case 4 -> {
        Piece to = new Piece();
        branch(new int[]{0xe9}, 0xeb, to);
        nested(to);
      }
      case 5 -> {
        Piece otherwise = new Piece();
        Piece end = new Piece();
        conditional(otherwise);
        instructions();
        branch(new int[]{0xe9}, 0xeb, end);
        program.add(otherwise);
        instructions();
        program.add(end);
      }
      case 6, 7 -> {
        if (depth < 2 && !recursive) {
          loop(1 + random.nextInt(8), switch (random.nextInt(8)) {
            case 0 -> modifying > 0 && oneIn(2) ? 400 : 110 + random.nextInt(60);
            case 1, 2 -> 10 + random.nextInt(30);
            default -> 2 + random.nextInt(6);
          } / (depth + 1) + 1);
        }
      }
      case 8, 9 -> callSomething();
      case 10 -> indirect();
      case 11 -> { // a way back by RET
        Piece to = new Piece();
        loadLabel(0, to);
        program.add(new Piece(0x50));
        program.add(new Piece(0xc3));
        nested(to);
      }
      case 12 -> { // LOOP and JCXZ, forward
        Piece to = new Piece();
        int op = 0xe0 + random.nextInt(4);
        Piece p = program.add(new Piece(op, 0));
        p.patch(Patch.RELATIVE, 1, 1, to, 0);
        for (int i = random.nextInt(3); i > 0; i--) {
          small();
        }
        program.add(to);
      }
      case 13 -> {
        if (percent(astray)) { // a stack that is none
          long top = switch (random.nextInt(6)) {
            case 0 -> random.nextInt(8);
            case 1 -> Guest.ABSENT + 0x800;
            case 2 -> Guest.READ_ONLY + random.nextInt(0xfff);
            case 3 -> Guest.HOLE + 8 * random.nextInt(4);
            case 4 -> Guest.STACK + random.nextInt(24);
            default -> Guest.STACK_END - random.nextInt(24);
          };
          if (wide && oneIn(3)) {
            program.add(number(new int[]{0x48, 0xbc},
                new long[]{0x8000_0000_0004L, 0x7fff_ffff_fffcL, -4, 4, 1L << 63}[random.nextInt(5)], 8));
          } else {
            program.add(number(new int[]{0xbc}, top, 4));
          }
          switch (random.nextInt(6)) {
            case 0 -> callSomething();
            case 1 -> program.add(new Piece(0xff, 0xd0 | random.nextInt(4)));
            case 2 -> program.add(new Piece(0x58 | random.nextInt(4)));
            case 3 -> program.add(new Piece(0xc9));
            default -> program.add(new Piece(0x50 | random.nextInt(4)));
          }
          program.add(number(new int[]{0xbc}, Guest.STACK + 0x1800, 4));
        } else {
          instruction();
        }
      }
      default -> instruction();
    }
  }

  private void nested(Piece to) {
    instructions();
    program.add(to);
  }

  private void instructions() {
    for (int i = random.nextInt(4); i > 0; i--) {
      budget--;
      instruction();
    }
  }

  private void conditional(Piece to) {
    int condition = random.nextInt(16);
    branch(new int[]{0x0f, 0x80 | condition}, 0x70 | condition, to);
  }

  private void branch(int[] opcode, int smallOpcode, Piece to) {
    byte[] code = new byte[opcode.length + 4];
    for (int i = 0; i < opcode.length; i++) {
      code[i] = (byte) opcode[i];
    }
    Piece p = new Piece(code).patch(Patch.RELATIVE, opcode.length, 4, to, 0);
    if (smallOpcode != 0 && !oneIn(4)) {
      p.small = new byte[]{(byte) smallOpcode, 0};
    }
    program.add(p);
  }

  private void call(Piece to) {
    branch(new int[]{0xe8}, 0, to);
  }

  private int cell() {
    return Guest.CELLS + 8 * cells++;
  }

  private void loop(int body, int times) {
    Piece top = new Piece();
    boolean register = wide && !inRegisterLoop && !recursive && function == 0 && oneIn(2);
    int cell = cell();
    if (register) {
      inRegisterLoop = true;
      program.add(number(new int[]{0x41, 0xbf}, times, 4));
    } else {
      set(cell, times);
    }
    program.add(top);
    depth++;
    block(body);
    depth--;
    if (!register) {
      counter(cell);
    } else if (oneIn(2)) {
      program.add(new Piece(0x41, 0x83, 0xef, 1));
    } else {
      program.add(new Piece(0x49, 0xff, 0xcf));
    }
    int condition = oneIn(3) ? 0xf : 5; // JG, JNZ
    branch(new int[]{0x0f, 0x80 | condition}, 0x70 | condition, top);
    if (register) {
      inRegisterLoop = false;
    }
  }

  private static Piece number(int[] head, long value, int size) {
    int[] bytes = new int[head.length + size];
    System.arraycopy(head, 0, bytes, 0, head.length);
    for (int i = 0; i < size; i++) {
      bytes[head.length + i] = (int) (value >>> 8 * i) & 0xff;
    }
    return new Piece(bytes);
  }

  private void set(int cell, int value) {
    Piece p = number(wide ? new int[]{0xc7, 0x04, 0x25} : new int[]{0xc7, 0x05}, (long) value << 32 | cell, 8);
    program.add(p);
  }

  /** Counts a cell down. */
  private void counter(int cell) {
    boolean sub = oneIn(2);
    int op = sub ? 0x83 : 0xff;
    int reg = sub ? 0x28 : 0x08;
    Piece p = number(wide ? new int[]{op, reg | 4, 0x25} : new int[]{op, reg | 5}, 1L << 32 | cell, sub ? 5 : 4);
    program.add(p);
  }

  private void loadLabel(int register, Piece label) {
    if (wide && oneIn(2)) {
      program.add(new Piece(0x48, 0xb8 | register, 0, 0, 0, 0, 0, 0, 0, 0).patch(Patch.ABSOLUTE, 2, 8, label, 0));
    } else if (wide && oneIn(2)) {
      program.add(new Piece(0x48, 0x8d, 0x05 | register << 3, 0, 0, 0, 0).patch(Patch.RELATIVE, 3, 4, label, 0));
    } else {
      program.add(new Piece(0xb8 | register, 0, 0, 0, 0).patch(Patch.ABSOLUTE, 1, 4, label, 0));
    }
  }

  /** MOV [top of the stack], label. */
  private void storeLabel(Piece label) {
    if (wide) {
      program.add(new Piece(0x48, 0xc7, 0x04, 0x24, 0, 0, 0, 0).patch(Patch.ABSOLUTE, 4, 4, label, 0));
    } else {
      program.add(new Piece(0xc7, 0x04, 0x24, 0, 0, 0, 0).patch(Patch.ABSOLUTE, 3, 4, label, 0));
    }
  }

  private void callSomething() {
    if (function >= functions.size()) {
      instruction();
      return;
    }
    // Functions call those behind them; what is recursive there counts down the cell that it gets there.
    Piece to = functions.get(function + random.nextInt(functions.size() - function));
    switch (random.nextInt(5)) {
      case 0 -> {
        loadLabel(0, to);
        program.add(new Piece(0xff, 0xd0)); // CALL RAX
      }
      case 1 -> {
        int cell = labelCell(to);
        program.add(number(wide ? new int[]{0xff, 0x14, 0x25} : new int[]{0xff, 0x15}, cell, 4));
      }
      default -> call(to);
    }
  }

  private int labelCell(Piece to) {
    int cell = cell();
    if (wide) {
      Piece p = number(new int[]{0x48, 0xc7, 0x04, 0x25}, cell, 8);
      program.add(p.patch(Patch.ABSOLUTE, 8, 4, to, 0));
    } else {
      Piece p = number(new int[]{0xc7, 0x05}, cell, 8);
      program.add(p.patch(Patch.ABSOLUTE, 6, 4, to, 0));
    }
    return cell;
  }

  private void indirect() {
    Piece to = new Piece();
    if (oneIn(2)) {
      loadLabel(3, to);
      program.add(new Piece(0xff, 0xe3)); // JMP RBX
    } else {
      int cell = labelCell(to);
      program.add(number(wide ? new int[]{0xff, 0x24, 0x25} : new int[]{0xff, 0x25}, cell, 4));
    }
    nested(to);
  }

  // ---- stores into code ----------------------------------------------------------------------------------------------------------------

  private void modify() {
    if (oneIn(3)) { // not each time, so that the code becomes hot in between
      int cell = cell();
      Piece over = new Piece();
      program.add(number(wide ? new int[]{0xfe, 0x04, 0x25} : new int[]{0xfe, 0x05}, cell, 4)); // INC BYTE
      program.add(number(wide ? new int[]{0xf6, 0x04, 0x25} : new int[]{0xf6, 0x05},
          (new long[]{3, 7, 15, 127}[random.nextInt(4)]) << 32 | cell, 5));
      branch(new int[]{0x0f, 0x85}, 0x75, over); // JNZ
      modifyNow();
      if (oneIn(2)) {
        program.add(new Piece(0xeb, 0)); // ends the block
      }
      program.add(over);
      if (oneIn(2) && !victims.isEmpty()) {
        program.add(number(new int[]{0xb8}, random.nextInt(), 4));
      }
    } else {
      modifyNow();
    }
  }

  /** A stack whose top is in the code just ahead, for one instruction. */
  private void stackInCode() {
    int cell = cell();
    boolean call = oneIn(2) && function < functions.size();
    Piece victim = number(wide ? new int[]{0x48, 0xbb} : new int[]{0xbb}, random.nextLong(), wide ? 8 : 4); // MOV RBX, constant
    victim.constant = true;
    program.add(number(wide ? new int[]{0x48, 0x89, 0x24, 0x25} : new int[]{0x89, 0x25}, cell, 4));
    program.add(new Piece(0xbc, 0, 0, 0, 0).patch(Patch.ABSOLUTE, 1, 4, victim, wide ? 10 : 5));
    if (call) {
      call(functions.get(function));
    } else {
      program.add(new Piece(0x50 | random.nextInt(4)));
    }
    program.add(victim);
    program.add(number(wide ? new int[]{0x48, 0x8b, 0x24, 0x25} : new int[]{0x8b, 0x25}, cell, 4));
  }

  private void modifyNow() {
    if (oneIn(6)) {
      stackInCode();
      return;
    }
    if (victims.isEmpty() || oneIn(3)) { // OP EAX, imm32
      Piece victim = number(new int[]{0x05 | random.nextInt(8) << 3}, random.nextInt(), 4);
      victim.constant = true;
      victims.add(victim);
      if (oneIn(2)) {
        program.add(victim);
        return;
      }
      modify(victim);
      for (int i = random.nextInt(3); i > 0; i--) {
        small();
      }
      program.add(victim);
      return;
    }
    modify(victims.get(random.nextInt(victims.size())));
  }

  private void modify(Piece victim) {
    if (oneIn(5)) { // other code
      if (oneIn(2)) {
        program.add(new Piece(0xb0, random.nextInt(8)));
      }
      program.add(new Piece(0xe6, Guest.MAPPING_PORT));
      return;
    }
    boolean alias = oneIn(4);
    long shift = alias ? Guest.ALIAS - Guest.CODE : 0;
    switch (random.nextInt(6)) {
      case 5 -> absolute(random.nextBoolean() ? new int[]{0x66, 0x0f, 0x7e} : new int[]{0x0f, 0x7e}, random.nextInt(8),
          victim, 1 + shift); // MOVD
      case 0 -> absolute(new int[]{0xfe}, 0, victim, 1 + shift); // INC BYTE of the immediate operand
      case 1 -> absolute(new int[]{0x89}, random.nextInt(4), victim, 1 + shift); // MOV to it
      case 2 -> absolute(new int[]{0x01}, random.nextInt(4), victim, 1 + shift); // ADD
      case 3 -> { // another operation
        program.add(new Piece(0xb0, 0x05 | random.nextInt(8) << 3));
        absolute(new int[]{0x88}, 0, victim, shift);
      }
      default -> { // by a string operation
        program.add(number(new int[]{0xbf}, 0, 4).patch(Patch.ABSOLUTE, 1, 4, victim, 1 + shift));
        program.add(number(new int[]{0xb9}, random.nextInt(4), 4));
        program.add(new Piece(0xf3, 0xaa));
      }
    }
  }

  /** An instruction with a memory operand of constant address. */
  private void absolute(int[] opcode, int reg, Piece to, long plus) {
    int n = opcode.length;
    int[] bytes = new int[n + (wide ? 6 : 5)];
    System.arraycopy(opcode, 0, bytes, 0, n);
    bytes[n] = reg << 3 | (wide ? 4 : 5);
    if (wide) {
      bytes[n + 1] = 0x25;
    }
    program.add(new Piece(bytes).patch(Patch.ABSOLUTE, bytes.length - 4, 4, to, plus));
  }

  // ---- instructions --------------------------------------------------------------------------------------------------------------------

  /** One without an operand in memory. */
  private void small() {
    List<InstructionStream.Form> list = forms.simple;
    while (true) {
      InstructionStream.Form f = list.get(random.nextInt(list.size()));
      if (!f.memory() && f.mnemonic() != PUSH && f.mnemonic() != POP && f.mnemonic() != LEAVE
          && stream.encode(f, in, encoded)
          && !in.hasMemory() && in.mnemonic != INVALID && acceptable()) {
        program.add(new Piece(encoded.code));
        return;
      }
    }
  }

  private void instruction() {
    List<InstructionStream.Form> list = percent(floating)
        ? oneIn(3) ? forms.x87 : forms.vectors
        : switch (random.nextInt(16)) {
          case 0, 1 -> forms.other;
          case 2 -> forms.strings;
          default -> forms.simple;
        };
    while (true) {
      InstructionStream.Form f = list.get(random.nextInt(list.size()));
      if ((f.mnemonic() == MOV || f.mnemonic() == CMOV || f.mnemonic() == SET) && oneIn(2)) {
        continue; // so many of them are there
      }
      if (stream.encode(f, in, encoded) && acceptable()) {
        break;
      }
    }
    operands();
  }

  private boolean acceptable() {
    if (in.mnemonic == INVALID) {
      return oneIn(10);
    }
    if (RARE.contains(in.mnemonic) && !oneIn(8)) {
      return false;
    }
    for (int i = 0; i < in.operands; i++) {
      switch (in.kind[i]) {
        case GPR -> {
          if (in.reg[i] == R15 || in.reg[i] == RSP && in.mnemonic != CMP && in.mnemonic != TEST && !oneIn(20)) {
            return false;
          }
        }
        case SEGMENT -> {
          if (i == 0 && in.mnemonic != PUSH) {
            return false;
          }
        }
        case CONTROL, DEBUG, FAR_POINTER -> {
          return false;
        }
        default -> {}
      }
    }
    return !in.hasMemory() || in.base != RSP || oneIn(2);
  }

  /** Adds the instruction, and before it what gives its operands their values. */
  private void operands() {
    Piece p = new Piece(encoded.code);
    switch (in.mnemonic) {
      case MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS -> {
        int size = in.size[0];
        if (!oneIn(6)) {
          load(RSI, target(size));
          load(RDI, target(size));
        }
        if (in.rep || in.repne || oneIn(4)) {
          load(1, oneIn(10) ? random.nextInt(600) : random.nextInt(9));
        }
      }
      case XLAT -> load(3, target(256));
      case MASKMOVQ, MASKMOVDQU -> load(RDI, target(16));
      case LEAVE -> load(RBP, Guest.STACK + 0x100 + 8 * random.nextInt(0x500));
      case ENTER -> {
        if (!oneIn(8)) {
          p.code[p.code.length - 2] = 0;
          p.code[p.code.length - 1] &= 3;
        }
        load(RBP, Guest.STACK + 0x100 + 8 * random.nextInt(0x500));
      }
      case DIV, IDIV -> {
        if (!oneIn(3)) {
          load(2, random.nextInt(3));
        }
        aim(p);
      }
      case SHL, SHR, SAR, ROL, ROR, RCL, RCR, SHLD, SHRD -> {
        if (oneIn(4)) {
          load(1, random.nextInt(70));
        }
        aim(p);
      }
      case LEA, NOP -> {}
      default -> aim(p);
    }
    program.add(p);
  }

  private void load(int register, long value) {
    if (register >= 8) {
      program.add(number(new int[]{0x41, 0xb8 | register & 7}, value, 4));
    } else {
      program.add(number(new int[]{0xb8 | register}, value, 4));
    }
  }

  private int operandBytes() {
    int size = 1;
    for (int i = 0; i < in.operands; i++) {
      if (in.kind[i] == OperandKind.MEMORY) {
        size = Math.max(size, in.size[i]);
      }
    }
    return size;
  }

  private long target(int size) {
    long inside = Guest.DATA + 64 + random.nextInt(Guest.DATA_SIZE - 700);
    if (!percent(astray)) {
      return oneIn(3) ? inside : inside & -16;
    }
    int slip = size == 1 ? 0 : 1 + random.nextInt(size - 1);
    return switch (random.nextInt(16)) {
      case 0 -> Guest.READ_ONLY + random.nextInt(0xfc0);
      case 1 -> Guest.READ_ONLY - slip;
      case 2 -> Guest.DATA - slip;
      case 3 -> Guest.ABSENT - slip;
      case 4 -> Guest.ABSENT + random.nextInt(0x1000);
      case 5 -> Guest.HOLE + 16 * random.nextInt(16);
      case 6 -> Guest.HOLE - slip;
      case 7 -> Guest.ROM - slip;
      case 8 -> Guest.ROM + random.nextInt(64);
      case 9 -> Guest.STACK + random.nextInt(0x2f00);
      case 10 -> modifying > 0 && oneIn(4) ? program.start + random.nextInt(400) : inside;
      case 11 -> random.nextInt();
      default -> Guest.DATA + 0x1000 * (1 + random.nextInt(3)) - slip;
    };
  }

  /** Makes the memory operand's address. */
  private void aim(Piece p) {
    if (!in.hasMemory() || oneIn(12)) {
      return;
    }
    int size = operandBytes();
    long target = target(size);
    if (in.segment == 4) {
      target -= Guest.DATA + 0x100;
    } else if (in.segment == 5) {
      target -= Guest.DATA + 0x800;
    }
    if (in.base == Instruction.RIP) {
      p.patch(Patch.RELATIVE, encoded.displacement, 4, null, target);
      return;
    }
    boolean bits = (in.mnemonic == BT || in.mnemonic == BTS || in.mnemonic == BTR || in.mnemonic == BTC)
        && in.kind[1] == OperandKind.GPR && in.reg[1] != RSP;
    if (bits) {
      load(in.reg[1], random.nextInt(2048));
    }
    if (in.base == Instruction.NO_REGISTER && in.index == Instruction.NO_REGISTER) {
      p.patch(Patch.ABSOLUTE, encoded.displacement, encoded.displacementSize, null, target);
      return;
    }
    long offset = target - in.displacement;
    if (in.base == Instruction.NO_REGISTER || in.base == in.index) {
      if (in.index != RSP && in.index != R15) {
        load(in.index, offset >> in.scale + (in.base == in.index ? 1 : 0));
      }
      return;
    }
    if (in.index != Instruction.NO_REGISTER && in.index != R15) {
      long index = random.nextInt(16) * 8;
      load(in.index, index);
      offset -= index << in.scale;
    }
    if (in.base == RSP || in.base == R15) {
      return;
    }
    if (oneIn(4) && in.index == Instruction.NO_REGISTER && !bits) { // an address from what the register holds
      int prefix = in.base >= 8 ? 0x41 : 0;
      int b = in.base & 7;
      program.add(prefixed(prefix, new int[]{0x81, 0xe0 | b}, 0x1ff8));
      program.add(prefixed(prefix, new int[]{0x81, 0xc0 | b}, Guest.DATA + 0x100 - (int) in.displacement));
      return;
    }
    load(in.base, offset);
  }

  private static Piece prefixed(int prefix, int[] head, int value) {
    int[] all = prefix == 0 ? head : new int[]{prefix, head[0], head[1]};
    return number(all, value, 4);
  }
}
