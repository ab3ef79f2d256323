package org.sallyport.machine.vcpu;

import java.util.function.Supplier;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;
import org.sallyport.machine.irq.ApicFabric;

/**
 * Hypercalls (VMCALL) under the convention of KVM: the number in RAX, arguments in RBX, RCX, RDX and RSI, the answer in
 * RAX, errors negative. They are not announced by CPUID; a guest that knows of them can use them.
 */
final class Hypercall {
  /** Answer to a number that nobody knows (KVM_ENOSYS). */
  static final long NOT_KNOWN = -1000;

  /** Answer to user code (KVM_EPERM). */
  private static final long NOT_PERMITTED = -1;

  /**
   * KVM_HC_SEND_IPI: interrupts up to 128 processors at once. RBX and RCX are a bit for each of them, from the APIC
   * identifier in RDX on; RSI is what the lower half of the ICR would be. The answer is how many took the interrupt.
   */
  private static final int SEND_IPI = 10;

  // General registers by their numbers in instructions.
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RBX = 3;
  private static final int RSI = 6;

  private static final int DELIVERY_MODE_SHIFT = 8;

  private Hypercall() {}

  /**
   * Under the device lock.
   *
   * @param registers the processor's state, asked for only where the call needs it
   */
  static long answer(long number, Supplier<VcpuState> registers, ApicFabric fabric) {
    if (number != SEND_IPI) {
      return NOT_KNOWN;
    }
    VcpuState state = registers.get();
    return (state.ss().access() >> 5 & 3) == 0 ? sendIpi(state, fabric) : NOT_PERMITTED;
  }

  private static long sendIpi(VcpuState state, ApicFabric fabric) {
    int icr = state.gpr().get(RSI).intValue();
    DeliveryMode mode = DeliveryMode.of(icr >>> DELIVERY_MODE_SHIFT);
    if (mode != DeliveryMode.FIXED && mode != DeliveryMode.NMI) {
      return NOT_KNOWN;
    }
    int first = state.gpr().get(RDX).intValue();
    return sendTo(state.gpr().get(RBX), first, mode, icr & 0xff, fabric)
        + sendTo(state.gpr().get(RCX), first + Long.SIZE, mode, icr & 0xff, fabric);
  }

  private static long sendTo(long processors, int first, DeliveryMode mode, int vector, ApicFabric fabric) {
    long taken = 0;
    for (long rest = processors; rest != 0; rest &= rest - 1) {
      int id = first + Long.numberOfTrailingZeros(rest);
      if (id >= 0 && fabric.sendTo(id, mode, vector)) { // -1 would be everybody
        taken++;
      }
    }
    return taken;
  }
}
