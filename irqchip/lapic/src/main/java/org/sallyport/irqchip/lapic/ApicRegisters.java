package org.sallyport.irqchip.lapic;

/** Registers and bits, with the names of the SDM's "Local APIC Register Address Map". */
final class ApicRegisters {
  // @formatter:off
  // Offsets in the register page; the MSR of x2APIC mode is 0x800 + offset / 16
  static final int ID            = 0x020;
  static final int VERSION       = 0x030;
  static final int TPR           = 0x080;
  static final int APR           = 0x090;  // not in x2APIC mode
  static final int PPR           = 0x0a0;
  static final int EOI           = 0x0b0;
  static final int RRD           = 0x0c0;  // not in x2APIC mode
  static final int LDR           = 0x0d0;
  static final int DFR           = 0x0e0;  // not in x2APIC mode
  static final int SVR           = 0x0f0;
  static final int ISR           = 0x100;  // 8 registers each
  static final int TMR           = 0x180;
  static final int IRR           = 0x200;
  static final int ESR           = 0x280;
  static final int LVT_CMCI      = 0x2f0;  // not implemented: the version register announces LVT entries 0 to 5
  static final int ICR_LOW       = 0x300;
  static final int ICR_HIGH      = 0x310;  // not in x2APIC mode
  static final int LVT_TIMER     = 0x320;
  static final int LVT_THERMAL   = 0x330;
  static final int LVT_PERFORMANCE = 0x340;
  static final int LVT_LINT0     = 0x350;
  static final int LVT_LINT1     = 0x360;
  static final int LVT_ERROR     = 0x370;
  static final int INITIAL_COUNT = 0x380;
  static final int CURRENT_COUNT = 0x390;
  static final int DIVIDE        = 0x3e0;
  static final int SELF_IPI      = 0x3f0;  // x2APIC mode only

  static final int PAGE          = 0x1000;

  // MSRs
  static final int IA32_APIC_BASE    = 0x01b;
  static final int IA32_TSC_DEADLINE = 0x6e0;
  static final int X2APIC_FIRST      = 0x800;  // 0x800 to 0x8ff belong to the APIC in x2APIC mode

  // IA32_APIC_BASE
  static final long BASE_BSP     = 1 << 8;
  static final long BASE_EXTD    = 1 << 10;
  static final long BASE_EN      = 1 << 11;
  static final long BASE_RESERVED = 0x2ff;

  // Version: integrated APIC, 6 LVT entries, EOI broadcasts can be suppressed
  static final int VERSION_VALUE = 0x14 | 5 << 16 | 1 << 24;

  // Spurious-interrupt vector register
  static final int SVR_ENABLED   = 1 << 8;
  static final int SVR_NO_EOI_BROADCAST = 1 << 12;
  static final int SVR_WRITABLE  = 0x13ff;  // with focus processor checking, which is stored only
  static final int SVR_RESET     = 0xff;

  static final int DFR_FIXED     = 0x0fff_ffff;
  static final int DFR_FLAT      = 0xf;
  static final int DFR_CLUSTER   = 0x0;

  // Error status register
  static final int ESR_SEND_ILLEGAL_VECTOR      = 1 << 5;
  static final int ESR_RECEIVED_ILLEGAL_VECTOR  = 1 << 6;
  static final int ESR_ILLEGAL_REGISTER         = 1 << 7;
  static final int ESR_BITS      = 0xe0;

  // Interrupt command register
  static final int ICR_LOGICAL   = 1 << 11;
  static final int ICR_STATUS    = 1 << 12;  // always idle: messages are delivered at once
  static final int ICR_ASSERT    = 1 << 14;
  static final int ICR_LEVEL     = 1 << 15;
  static final int ICR_SHORTHAND = 18;
  static final int ICR_WRITABLE  = 0x000c_cfff;

  // Local vector table
  static final int TIMER         = 0;        // indices of the entries
  static final int THERMAL       = 1;
  static final int PERFORMANCE   = 2;
  static final int LINT0         = 3;
  static final int LINT1         = 4;
  static final int ERROR         = 5;
  static final int LVT_ENTRIES   = 6;
  static final int LVT_VECTOR    = 0xff;
  static final int LVT_MODE      = 8;        // delivery mode, 3 bits
  static final int LVT_STATUS    = 1 << 12;  // read-only, always idle
  static final int LVT_POLARITY  = 1 << 13;  // stored only: the levels of the pins are logical
  static final int LVT_REMOTE_IRR = 1 << 14; // read-only
  static final int LVT_LEVEL     = 1 << 15;
  static final int LVT_MASKED    = 1 << 16;
  static final int LVT_TIMER_MODE = 17;      // 2 bits

  static final int DIVIDE_WRITABLE = 0xb;

  static final int FIRST_LEGAL_VECTOR = 16;
  // @formatter:on

  private ApicRegisters() {}
}
