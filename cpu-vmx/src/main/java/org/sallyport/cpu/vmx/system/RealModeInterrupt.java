package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * Interrupts in real-address mode, and those of virtual-8086 mode that go to the 8086 program (SDM volume 3, chapter
 * 21).
 */
final class RealModeInterrupt {
  private RealModeInterrupt() {}

  static void deliver(Cpu cpu, int vector, long returnRip) {
    if (vector * 4 + 3 > cpu.idtLimit) {
      throw cpu.fault(Vector.GP, vector * 8 + 2);
    }
    long entry = cpu.readSystem(cpu.idtBase + vector * 4 & 0xffffffffL, 4);
    int image = cpu.rflags();
    push(cpu, image, returnRip);
    leaveFor(cpu, entry, Flag.IF);
  }

  /**
   * INT n of an 8086 program whose redirection bit is 0 (SDM volume 3, "Class 3—Software Interrupt Handling in
   * Virtual-8086 Mode").
   */
  static void redirect(Cpu cpu, int vector, long returnRip) {
    long entry = cpu.readSystem(vector * 4, 4);
    int image = cpu.rflags();
    if (cpu.iopl() == 3) {
      push(cpu, image, returnRip);
      leaveFor(cpu, entry, Flag.IF);
    } else {
      image = image & ~Flag.IF | Flag.IOPL | ((image & Flag.VIF) != 0 ? Flag.IF : 0);
      push(cpu, image, returnRip);
      leaveFor(cpu, entry, Flag.VIF);
    }
  }

  private static void push(Cpu cpu, int image, long returnRip) {
    long sp = cpu.r[Registers.RSP];
    long flags = cpu.stack(sp - 2, 2, true);
    long cs = cpu.stack(sp - 4, 2, true);
    long ip = cpu.stack(sp - 6, 2, true);
    cpu.write16(flags, image);
    cpu.write16(cs, cpu.seg[Segment.CS].selector);
    cpu.write16(ip, (int) returnRip);
  }

  private static void leaveFor(Cpu cpu, long entry, int interruptFlag) {
    cpu.setStackPointer(cpu.r[Registers.RSP] - 6);
    cpu.flags &= ~(interruptFlag | Flag.TF | Flag.AC | Flag.RF);
    Descriptors.loadReal(cpu, Segment.CS, (int) (entry >>> 16));
    cpu.rip = entry & 0xffff;
    cpu.modeChanged();
  }
}
