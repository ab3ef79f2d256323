package org.sallyport.cpu.vmx.fpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.cpu.vmx.decode.Decoder;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.memory.GuestSlots;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * A processor in flat protected mode (or in another) with some memory, on which single x87 instructions are executed.
 */
final class X87Bench {
  static final int CODE = 0x1000;
  static final int DATA = 0x2000;

  final MemorySegment ram = Arena.ofAuto().allocate(1 << 16, 4096);
  final Cpu cpu;
  private final Decoder decoder = new Decoder();
  private final Op[] bound = new Op[0x10000];

  private X87Bench() {
    GuestSlots slots = new GuestSlots();
    slots.map(new MemorySlot("ram", 0, ram, false));
    cpu = new Cpu(0, slots, () -> 0, 1_000_000_000L);
    cpu.features.addAll(EnumSet.allOf(CpuFeature.class));
    cpu.cr0 = Flag.CR0_ET | Flag.CR0_NE;
    cpu.r[Registers.RDI] = DATA;
  }

  static X87Bench protectedMode() {
    X87Bench b = new X87Bench();
    b.cpu.cr0 |= Flag.CR0_PE;
    for (int i = 0; i < 6; i++) {
      b.cpu.seg[i].set(i == Segment.CS ? 8 : 16, 0, 0xffffffffL, i == Segment.CS ? 0xc09b : 0xc093);
    }
    b.cpu.modeChanged();
    return b;
  }

  static X87Bench realMode() {
    X87Bench b = new X87Bench();
    for (int i = 0; i < 6; i++) {
      b.cpu.seg[i].set(0, 0, 0xffff, 0x93);
    }
    b.cpu.modeChanged();
    return b;
  }

  Instruction decode(int... bytes) {
    Instruction in = new Instruction();
    in.address = CODE;
    decoder.decode(i -> i < bytes.length ? bytes[i] : 0x90, cpu.codeMode(), in);
    return in;
  }

  Mnemonic mnemonic(int opcode, int modrm) {
    return decode(opcode, modrm).mnemonic;
  }

  /** Executes an instruction as code at {@link #CODE}. */
  void execute(int... bytes) {
    bind(bytes).execute(cpu);
  }

  private Op bind(int... bytes) {
    Instruction in = decode(bytes);
    Op op = FpuOps.bind(in, cpu);
    if (op == null) {
      throw new IllegalArgumentException("no x87 instruction: " + in.mnemonic + " " + CodeMode.values().length);
    }
    op.rip = CODE;
    op.length = in.length;
    return op;
  }

  /** Executes the instruction of a record, and makes a record of what there is afterwards. */
  X87Record run(X87Record r) {
    Fpu f = cpu.fpu;
    f.control = r.control();
    f.statusWord(r.status());
    f.tagWord(r.tags());
    for (int i = 0; i < 8; i++) {
      int p = f.physical(i);
      f.signExponent[p] = r.signExponent(i);
      f.mantissa[p] = r.mantissa(i);
    }
    f.updateSummary();
    cpu.setStatus(r.flags() & Flag.STATUS);
    MemorySegment.copy(r.memory(), 0, ram, ValueLayout.JAVA_BYTE, DATA, 16);
    int key = r.opcode() << 8 | r.modrm();
    if (bound[key] == null) {
      bound[key] = bind(r.opcode(), r.modrm());
    }
    bound[key].execute(cpu);
    X87Record out = r.copy();
    out.control(f.control);
    out.status(f.statusWord());
    out.tags(f.tagWord());
    for (int i = 0; i < 8; i++) {
      int p = f.physical(i);
      out.st(i, f.signExponent[p], f.mantissa[p]);
    }
    out.flags(r.flags() & ~Flag.STATUS | cpu.rflags() & Flag.STATUS);
    byte[] memory = new byte[16];
    MemorySegment.copy(ram, ValueLayout.JAVA_BYTE, DATA, memory, 0, 16);
    out.memory(memory);
    return out;
  }
}
