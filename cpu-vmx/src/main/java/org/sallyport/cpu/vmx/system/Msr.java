package org.sallyport.cpu.vmx.system;

/** Indices of model-specific registers (SDM volume 4, table "IA-32 Architectural MSRs"), and bits of them. */
final class Msr {
  // @formatter:off
  static final int TSC               = 0x10;
  static final int PLATFORM_ID       = 0x17;
  static final int FEATURE_CONTROL   = 0x3a;
  static final int TSC_ADJUST        = 0x3b;
  static final int SPEC_CTRL         = 0x48;
  static final int PRED_CMD          = 0x49;
  static final int BIOS_SIGN_ID      = 0x8b;
  static final int MTRRCAP           = 0xfe;
  static final int ARCH_CAPABILITIES = 0x10a;
  static final int SYSENTER_CS       = 0x174;
  static final int SYSENTER_ESP      = 0x175;
  static final int SYSENTER_EIP      = 0x176;
  static final int MCG_CAP           = 0x179;
  static final int MCG_STATUS        = 0x17a;
  static final int MISC_ENABLE       = 0x1a0;
  static final int DEBUGCTL          = 0x1d9;
  static final int MTRR_PHYSBASE0    = 0x200;  // then PHYSMASK0, PHYSBASE1 and so on
  static final int MTRR_FIX64K_00000 = 0x250;
  static final int MTRR_FIX16K_80000 = 0x258;
  static final int MTRR_FIX16K_A0000 = 0x259;
  static final int MTRR_FIX4K_C0000  = 0x268;  // up to FIX4K_F8000, 26F
  static final int PAT               = 0x277;
  static final int MTRR_DEF_TYPE     = 0x2ff;
  static final int MC0_CTL           = 0x400;  // then MC0_STATUS, MC0_ADDR, MC0_MISC, MC1_CTL and so on
  static final int U_CET             = 0x6a0;
  static final int S_CET             = 0x6a2;
  static final int PL0_SSP           = 0x6a4;  // then PL1_SSP, PL2_SSP, PL3_SSP
  static final int PL3_SSP           = 0x6a7;
  static final int INTERRUPT_SSP_TABLE_ADDR = 0x6a8;
  static final int PKRS              = 0x6e1;
  static final int XSS               = 0xda0;
  static final int PERFEVTSEL0       = 0xc0010000; // AMD; four of them, then PERFCTR0 to 3
  static final int EFER              = 0xc0000080;
  static final int STAR              = 0xc0000081;
  static final int LSTAR             = 0xc0000082;
  static final int CSTAR             = 0xc0000083;
  static final int FMASK             = 0xc0000084;
  static final int FS_BASE           = 0xc0000100;
  static final int GS_BASE           = 0xc0000101;
  static final int KERNEL_GS_BASE    = 0xc0000102;
  static final int TSC_AUX           = 0xc0000103;

  // FEATURE_CONTROL
  static final long LOCK             = 1 << 0;
  static final long VMX_OUTSIDE_SMX  = 1 << 2;

  // SPEC_CTRL
  static final long IBRS             = 1 << 0;
  static final long STIBP            = 1 << 1;

  // PRED_CMD
  static final long IBPB             = 1 << 0;

  // ARCH_CAPABILITIES
  static final long RDCL_NO          = 1 << 0;
  static final long IBRS_ALL         = 1 << 1;
  static final long SKIP_L1DFL       = 1 << 3;
  static final long SSB_NO           = 1 << 4;
  static final long MDS_NO           = 1 << 5;
  static final long PSCHANGE_MC_NO   = 1 << 6;
  static final long TAA_NO           = 1 << 8;
  static final long SBDR_SSDP_NO     = 1 << 13;
  static final long FBSDP_NO         = 1 << 14;
  static final long PSDP_NO          = 1 << 15;
  static final long BHI_NO           = 1 << 20;
  static final long PBRSB_NO         = 1 << 24;
  static final long GDS_NO           = 1 << 26;
  static final long RFDS_NO          = 1 << 27;
  static final long ITS_NO           = 1L << 62;

  // MISC_ENABLE
  static final long FAST_STRINGS     = 1 << 0;
  static final long THERMAL_MONITOR  = 1 << 3;
  static final long BTS_UNAVAILABLE  = 1 << 11;
  static final long PEBS_UNAVAILABLE = 1 << 12;
  static final long ENHANCED_SPEEDSTEP = 1 << 16;
  static final long MONITOR_FSM      = 1 << 18;
  static final long LIMIT_CPUID      = 1 << 22;
  static final long XTPR_DISABLE     = 1 << 23;
  static final long XD_DISABLE       = 1L << 34;

  // MTRRCAP: the number of variable ranges is in bits 7:0
  static final long MTRR_FIXED       = 1 << 8;
  static final long MTRR_WC          = 1 << 10;

  // MTRR_DEF_TYPE
  static final long MTRR_FIXED_ENABLE = 1 << 10;
  static final long MTRR_ENABLE      = 1 << 11;
  // @formatter:on

  private Msr() {}
}
