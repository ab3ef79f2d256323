package org.sallyport.cpu.vmx.fpu;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/**
 * FNSTENV, FLDENV, FNSAVE, FRSTOR: the environment in its four formats (SDM volume 1, figures "Protected Mode x87 FPU
 * State Image in Memory, 32-Bit Format" and following), for FNSAVE and FRSTOR followed by ST(0) to ST(7). The whole needs to be aligned by 2
 * or 4 only, as the operand size is (SDM volume 3, "Alignment-Check Exception"): the registers are moved in words.
 */
final class Environment {
  private Environment() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case FNSTENV -> FpuOp.control(in, cpu, false, (c, op) -> {
        op.target(c, environmentSize(op));
        storeEnvironment(c, op);
        c.fpu.control |= 0x3f;
        c.fpu.updateSummary();
      });
      case FLDENV -> FpuOp.control(in, cpu, true, (c, op) -> {
        checkRead(c, op, environmentSize(op));
        loadEnvironment(c, op);
      });
      case FNSAVE -> FpuOp.control(in, cpu, false, Environment::save);
      case FRSTOR -> FpuOp.control(in, cpu, true, Environment::restore);
      default -> null;
    };
  }

  private static int environmentSize(FpuOp op) {
    return op.operandSize == 2 ? 14 : 28;
  }

  private static void checkRead(Cpu c, FpuOp op, int size) {
    c.checkRead(op.source(c, size), size);
  }

  private static void save(Cpu c, FpuOp op) {
    Fpu f = c.fpu;
    int size = environmentSize(op);
    op.target(c, size + 80);
    storeEnvironment(c, op);
    for (int i = 0; i < 8; i++) {
      int p = f.physical(i);
      for (int word = 0; word < 4; word++) {
        put(c, op, size + 10 * i + 2 * word, 2, (int) (f.mantissa[p] >>> 16 * word));
      }
      put(c, op, size + 10 * i + 8, 2, f.signExponent[p]);
    }
    f.init();
  }

  private static void restore(Cpu c, FpuOp op) {
    Fpu f = c.fpu;
    int size = environmentSize(op);
    checkRead(c, op, size + 80);
    get(c, op, 0, size == 14 ? 2 : 4); // where alignment is checked, the fault comes before anything is changed
    // TOP comes with the environment. If a read leaves the processor, all this is done again: nothing here depends on
    // what has been changed.
    int newTop = c.read16(op.part(c, size == 14 ? 2 : 4, 2)) >> 11 & 7;
    for (int i = 0; i < 8; i++) {
      int p = newTop + i & 7;
      long mantissa = 0;
      for (int word = 0; word < 4; word++) {
        mantissa |= (get(c, op, size + 10 * i + 2 * word, 2) & 0xffffL) << 16 * word;
      }
      f.mantissa[p] = mantissa;
      f.signExponent[p] = get(c, op, size + 10 * i + 8, 2) & 0xffff;
    }
    loadEnvironment(c, op);
  }

  // ---- formats ------------------------------------------------------------------------------------------------------

  private static void storeEnvironment(Cpu c, FpuOp op) {
    Fpu f = c.fpu;
    boolean wide = op.operandSize != 2;
    int step = wide ? 4 : 2;
    int reserved = wide ? 0xffff0000 : 0;
    put(c, op, 0, step, f.control | 0x40 | reserved);
    put(c, op, step, step, f.statusWord() | reserved);
    put(c, op, 2 * step, step, f.tagWord() | reserved);
    if (c.realOrV86()) {
      long instruction = ((long) f.lastInstructionSelector << 4) + f.lastInstruction;
      long data = ((long) f.lastDataSelector << 4) + f.lastData;
      put(c, op, 3 * step, step, (int) instruction & 0xffff | reserved);
      put(c, op, 5 * step, step, (int) data & 0xffff | reserved);
      // 16 bits wide, only four bits of the upper half have a place.
      put(c, op, 4 * step, step, (int) (instruction >>> 16 & 0xffff) << 12 | f.lastOpcode & 0x7ff);
      put(c, op, 6 * step, step, (int) (data >>> 16 & 0xffff) << 12);
    } else {
      put(c, op, 3 * step, step, (int) f.lastInstruction);
      put(c, op, 4 * step, step, f.lastInstructionSelector | (wide ? (f.lastOpcode & 0x7ff) << 16 : 0));
      put(c, op, 5 * step, step, (int) f.lastData);
      put(c, op, 6 * step, step, f.lastDataSelector | reserved);
    }
  }

  private static void loadEnvironment(Cpu c, FpuOp op) {
    Fpu f = c.fpu;
    boolean wide = op.operandSize != 2;
    int step = wide ? 4 : 2;
    int control = get(c, op, 0, 2);
    int status = get(c, op, step, 2);
    int tags = get(c, op, 2 * step, 2);
    int instruction = get(c, op, 3 * step, step);
    int instructionHigh = get(c, op, 4 * step, step);
    int data = get(c, op, 5 * step, step);
    int dataHigh = get(c, op, 6 * step, step);
    if (c.realOrV86()) {
      f.lastInstruction = instruction & 0xffff | (instructionHigh >>> 12 & 0xffff) << 16 & 0xffffffffL;
      f.lastInstructionSelector = 0;
      f.lastOpcode = instructionHigh & 0x7ff;
      f.lastData = data & 0xffff | (dataHigh >>> 12 & 0xffff) << 16 & 0xffffffffL;
      f.lastDataSelector = 0;
    } else {
      f.lastInstruction = instruction & 0xffffffffL;
      f.lastInstructionSelector = instructionHigh & 0xffff;
      f.lastOpcode = wide ? instructionHigh >>> 16 & 0x7ff : 0;
      f.lastData = data & 0xffffffffL;
      f.lastDataSelector = dataHigh & 0xffff;
    }
    f.loadControl(control);
    f.statusWord(status);
    f.tagWord(tags);
    f.updateSummary();
  }

  private static void put(Cpu c, FpuOp op, int at, int size, int value) {
    c.write(op.part(c, at, size), size, value);
  }

  private static int get(Cpu c, FpuOp op, int at, int size) {
    return (int) c.read(op.part(c, at, size), size);
  }
}
