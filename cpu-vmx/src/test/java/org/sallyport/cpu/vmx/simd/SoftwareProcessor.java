package org.sallyport.cpu.vmx.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.cpu.vmx.decode.Decoder;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.memory.GuestSlots;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** A processor of ours with two pages of memory, without paging, that executes single instructions of the vector kind. */
final class SoftwareProcessor implements AutoCloseable {
  /** Where the memory operand is, which RBX points at. */
  static final long OPERAND = 0x800;

  private static final int SIGFPE = 8;
  private static final int MEMORY_BYTES = 0x2000;

  final Cpu cpu;
  final Instruction instruction = new Instruction();
  private final Decoder decoder = new Decoder();
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment ram = arena.allocate(MEMORY_BYTES, MemorySlot.PAGE);

  SoftwareProcessor() {
    GuestSlots slots = new GuestSlots();
    slots.map(new MemorySlot("ram", 0, ram, false));
    cpu = new Cpu(0, slots, () -> 0, 1_000_000_000);
    cpu.cr0 = Flag.CR0_PE | Flag.CR0_NE;
    cpu.cr4 = Flag.CR4_OSFXSR | Flag.CR4_OSXMMEXCPT;
    cpu.efer = Flag.EFER_LME | Flag.EFER_LMA;
    cpu.seg[Segment.CS].access |= Segment.L;
    cpu.modeChanged();
    for (CpuFeature f : CpuFeature.values()) {
      cpu.features.add(f);
    }
  }

  /** Decodes an instruction and binds it; null if it is none of SSE's or MMX's. */
  Op bind(byte[] code) {
    decoder.decode(i -> i < code.length ? code[i] & 0xff : 0x90, CodeMode.BITS64, instruction);
    return SimdOps.bind(instruction, cpu);
  }

  /** Executes an instruction of 64-bit mode given as hexadecimal digits. */
  void execute(String code) {
    Op op = bind(bytes(code));
    if (op == null) {
      throw new IllegalArgumentException(code + " is not bound");
    }
    op.execute(cpu);
  }

  static byte[] bytes(String hexadecimal) {
    return java.util.HexFormat.of().parseHex(hexadecimal.replace(" ", ""));
  }

  long memory(long address) {
    return ram.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
  }

  void memory(long address, long value) {
    ram.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
  }

  /** Executes a case and replaces it by what comes out. */
  void execute(VectorState s) {
    System.arraycopy(s.xmm, 0, cpu.xmm.x, 0, 6);
    cpu.fpu.clear();
    for (int i = 0; i < 3; i++) {
      cpu.fpu.setMmx(i, s.mmx[i]);
    }
    memory(OPERAND, s.memory[0]);
    memory(OPERAND + 8, s.memory[1]);
    System.arraycopy(s.general, 0, cpu.r, 0, 3);
    cpu.r[Registers.RBX] = OPERAND;
    cpu.xmm.mxcsr = s.mxcsr;
    cpu.setStatus(0);
    s.trap = 0;
    try {
      bind(s.code).execute(cpu);
    } catch (GuestFault fault) {
      if (fault.vector != Vector.XM) {
        throw fault;
      }
      s.trap = SIGFPE;
    }
    System.arraycopy(cpu.xmm.x, 0, s.xmm, 0, 6);
    for (int i = 0; i < 3; i++) {
      s.mmx[i] = cpu.fpu.mmx(i);
    }
    s.memory[0] = memory(OPERAND);
    s.memory[1] = memory(OPERAND + 8);
    System.arraycopy(cpu.r, 0, s.general, 0, 3);
    s.mxcsr = cpu.xmm.mxcsr;
    s.flags = cpu.statusFlags();
  }

  @Override
  public void close() {
    arena.close();
  }
}
