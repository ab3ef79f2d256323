package org.sallyport.irqchip.lapic;

import static org.sallyport.irqchip.lapic.ApicRegisters.*;

import org.sallyport.api.irq.MsrFault;

/**
 * Which MSRs of x2APIC mode there are, and which bits of them (SDM volume 3A, "x2APIC Register Address Space" and
 * "Reserved Bits").
 */
final class X2ApicMsrs {
  private static final int COUNT = 0x40;
  private static final int READ = 1;
  private static final int WRITE = 2;

  private final byte[] access = new byte[COUNT];

  /** Bits that may be set in a write; read-only bits are among them, and ignored. */
  private final long[] accepted = new long[COUNT];

  X2ApicMsrs(boolean tscDeadline) {
    // @formatter:off
    register(ID,              READ,         0);
    register(VERSION,         READ,         0);
    register(TPR,             READ | WRITE, 0xff);
    register(PPR,             READ,         0);
    register(EOI,             WRITE,        0);
    register(LDR,             READ,         0);
    register(SVR,             READ | WRITE, SVR_WRITABLE);
    for (int i = 0; i < 8; i++) {
      register(ISR + 16 * i,  READ,         0);
      register(TMR + 16 * i,  READ,         0);
      register(IRR + 16 * i,  READ,         0);
    }
    register(ESR,             READ | WRITE, 0);
    register(ICR_LOW,         READ | WRITE, 0xffff_ffffL << 32 | ICR_WRITABLE | ICR_STATUS);
    register(LVT_TIMER,       READ | WRITE, LVT_STATUS | LocalVectors.timerWritable(tscDeadline));
    register(LVT_THERMAL,     READ | WRITE, LVT_STATUS | LocalVectors.SENSOR_WRITABLE);
    register(LVT_PERFORMANCE, READ | WRITE, LVT_STATUS | LocalVectors.SENSOR_WRITABLE);
    register(LVT_LINT0,       READ | WRITE, LVT_STATUS | LVT_REMOTE_IRR | LocalVectors.PIN_WRITABLE);
    register(LVT_LINT1,       READ | WRITE, LVT_STATUS | LVT_REMOTE_IRR | LocalVectors.PIN_WRITABLE);
    register(LVT_ERROR,       READ | WRITE, LVT_STATUS | LocalVectors.ERROR_WRITABLE);
    register(INITIAL_COUNT,   READ | WRITE, 0xffff_ffffL);
    register(CURRENT_COUNT,   READ,         0);
    register(DIVIDE,          READ | WRITE, DIVIDE_WRITABLE);
    register(SELF_IPI,        WRITE,        0xff);
    // @formatter:on
  }

  private void register(int offset, int how, long bits) {
    access[offset >> 4] = (byte) how;
    accepted[offset >> 4] = bits;
  }

  /** Offset in the register page of an MSR that can be read. */
  int readable(int msr) throws MsrFault {
    int index = msr - X2APIC_FIRST;
    if (index < 0 || index >= COUNT || (access[index] & READ) == 0) {
      throw MsrFault.INSTANCE;
    }
    return index << 4;
  }

  /** Offset in the register page of an MSR to which this value can be written. */
  int writable(int msr, long value) throws MsrFault {
    int index = msr - X2APIC_FIRST;
    if (index < 0 || index >= COUNT || (access[index] & WRITE) == 0 || (value & ~accepted[index]) != 0) {
      throw MsrFault.INSTANCE;
    }
    return index << 4;
  }
}
