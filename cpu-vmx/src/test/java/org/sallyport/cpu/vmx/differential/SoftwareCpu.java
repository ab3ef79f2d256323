package org.sallyport.cpu.vmx.differential;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.memory.GuestSlots;
import org.sallyport.cpu.vmx.state.ExitSignal;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** Our processor in 64-bit user mode with the oracle's memory layout; executes one case. */
final class SoftwareCpu implements AutoCloseable {
  private static final int HLT = 0xf4;
  private static final long TABLES = 0x1000;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment low = arena.allocate(0x10000, 4096);
  private final MemorySegment data = arena.allocate(0x10000, 4096);
  private final MemorySegment code = arena.allocate(0x1000, 4096);
  private final Cpu cpu;

  SoftwareCpu() {
    GuestSlots slots = new GuestSlots();
    slots.map(new MemorySlot("tables", 0, low, false));
    slots.map(new MemorySlot("data", 0x10000000L, data, false));
    slots.map(new MemorySlot("code", CaseState.CODE, code, false));
    cpu = new Cpu(0, slots, System::nanoTime, 1_000_000_000L);
    for (CpuFeature f : CpuFeature.values()) {
      cpu.features.add(f);
    }
    cpu.features.remove(CpuFeature.BMI1);
    cpu.features.remove(CpuFeature.ABM);
    table(TABLES, 0, TABLES + 0x1000);
    table(TABLES + 0x1000, 0, TABLES + 0x2000);
    table(TABLES + 0x2000, 0x10000000L >>> 21, 0x10000000L | 0x80);
    table(TABLES + 0x2000, CaseState.CODE >>> 21, CaseState.CODE | 0x80);
  }

  private void table(long at, long index, long entry) {
    low.set(ValueLayout.JAVA_LONG, at + 8 * index, entry | 7);
  }

  /** Executes the case's instruction and puts what it left into the case. */
  void execute(CaseState s) {
    code.fill((byte) HLT);
    MemorySegment.copy(s.code, 0, code, ValueLayout.JAVA_BYTE, 0, s.code.length);
    MemorySegment.copy(s.data, 0, data, ValueLayout.JAVA_BYTE, 0x1000, s.data.length);
    cpu.forgetAllCode();
    System.arraycopy(s.gpr, 0, cpu.r, 0, 16);
    System.arraycopy(s.xmm, 0, cpu.xmm.x, 0, 32);
    cpu.xmm.mxcsr = (int) s.mxcsr;
    cpu.cr0 = Flag.CR0_PE | Flag.CR0_PG | Flag.CR0_ET | Flag.CR0_NE | Flag.CR0_MP;
    cpu.cr4 = Flag.CR4_PAE | Flag.CR4_OSFXSR | Flag.CR4_OSXMMEXCPT;
    cpu.cr3 = TABLES;
    cpu.efer = Flag.EFER_LMA | Flag.EFER_LME | Flag.EFER_SCE;
    cpu.seg[Segment.CS].set(0x33, 0, 0xffffffffL, 0xa0fb);
    for (int i : new int[]{Segment.ES, Segment.SS, Segment.DS, Segment.FS, Segment.GS}) {
      cpu.seg[i].set(0x2b, 0, 0xffffffffL, 0xc0f3);
    }
    cpu.cpl = 3;
    cpu.flags = (int) s.flags & ~Flag.STATUS | 2;
    cpu.setStatus((int) s.flags);
    cpu.modeChanged();
    cpu.rip = CaseState.CODE;
    s.signal = signal();
    System.arraycopy(cpu.r, 0, s.gpr, 0, 16);
    System.arraycopy(cpu.xmm.x, 0, s.xmm, 0, 32);
    s.mxcsr = cpu.xmm.mxcsr;
    s.flags = cpu.rflags();
    MemorySegment.copy(data, ValueLayout.JAVA_BYTE, 0x1000, s.data, 0, s.data.length);
  }

  private long signal() {
    try {
      cpu.executeOne();
      return 0;
    } catch (ExitSignal outside) { // the page is mapped here and not there
      return 11;
    } catch (GuestFault fault) {
      return switch (fault.vector) {
        case Vector.DE, Vector.XM -> 8;
        case Vector.UD -> 4;
        case Vector.AC -> 7;
        case Vector.DB, Vector.BP -> 5;
        default -> 11;
      };
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
