package org.sallyport.cpu.vmx.vmx;

/** Basic exit reasons (SDM volume 3, appendix C). */
public final class ExitCode {
  // @formatter:off
  public static final int EXCEPTION_OR_NMI     = 0;
  public static final int EXTERNAL_INTERRUPT   = 1;
  public static final int TRIPLE_FAULT         = 2;
  public static final int INIT_SIGNAL          = 3;
  public static final int SIPI                 = 4;
  public static final int INTERRUPT_WINDOW     = 7;
  public static final int NMI_WINDOW           = 8;
  public static final int TASK_SWITCH          = 9;
  public static final int CPUID                = 10;
  public static final int HLT                  = 12;
  public static final int INVD                 = 13;
  public static final int INVLPG               = 14;
  public static final int RDPMC                = 15;
  public static final int RDTSC                = 16;
  public static final int VMCALL               = 18;
  public static final int CR_ACCESS            = 28;
  public static final int MOV_DR               = 29;
  public static final int IO_INSTRUCTION       = 30;
  public static final int RDMSR                = 31;
  public static final int WRMSR                = 32;
  public static final int INVALID_GUEST_STATE  = 33;
  public static final int MWAIT                = 36;
  public static final int MONITOR_TRAP_FLAG    = 37;
  public static final int MONITOR              = 39;
  public static final int PAUSE                = 40;
  public static final int EPT_VIOLATION        = 48;
  public static final int RDTSCP               = 51;
  public static final int WBINVD               = 54;
  public static final int XSETBV               = 55;

  /** Bit 31 of the exit reason: the VM entry failed. */
  public static final int ENTRY_FAILURE        = 1 << 31;
  // @formatter:on

  private static final String[] NAMES = new String[64];

  static {
    for (java.lang.reflect.Field field : ExitCode.class.getFields()) {
      try {
        int code = field.getInt(null);
        if (code >= 0) {
          NAMES[code] = field.getName().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        }
      } catch (IllegalAccessException e) {
        throw new ExceptionInInitializerError(e);
      }
    }
  }

  private ExitCode() {}

  /** The reason in words. */
  public static String name(int reason) {
    int basic = reason & 0xffff;
    String name = basic < NAMES.length && NAMES[basic] != null ? NAMES[basic] : "reason " + basic;
    return reason < 0 ? name + " (VM-entry failure)" : name;
  }
}
