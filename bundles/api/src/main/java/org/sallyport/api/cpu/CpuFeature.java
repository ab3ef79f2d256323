package org.sallyport.api.cpu;

import java.util.Locale;
import java.util.Optional;

/**
 * Processor features that CPUID announces, one per bit, with the names of the SDM (volume 2, CPUID) as Linux writes
 * them.
 */
public enum CpuFeature {
  // @formatter:off
  //                  leaf, subleaf, register, bit
  FPU               (1         , 0, Register.EDX,  0),
  VME               (1         , 0, Register.EDX,  1),
  DE                (1         , 0, Register.EDX,  2),
  PSE               (1         , 0, Register.EDX,  3),
  TSC               (1         , 0, Register.EDX,  4),
  MSR               (1         , 0, Register.EDX,  5),
  PAE               (1         , 0, Register.EDX,  6),
  MCE               (1         , 0, Register.EDX,  7),
  CX8               (1         , 0, Register.EDX,  8),
  APIC              (1         , 0, Register.EDX,  9),
  SEP               (1         , 0, Register.EDX, 11),
  MTRR              (1         , 0, Register.EDX, 12),
  PGE               (1         , 0, Register.EDX, 13),
  MCA               (1         , 0, Register.EDX, 14),
  CMOV              (1         , 0, Register.EDX, 15),
  PAT               (1         , 0, Register.EDX, 16),
  PSE36             (1         , 0, Register.EDX, 17),
  CLFLUSH           (1         , 0, Register.EDX, 19),
  MMX               (1         , 0, Register.EDX, 23),
  FXSR              (1         , 0, Register.EDX, 24),
  SSE               (1         , 0, Register.EDX, 25),
  SSE2              (1         , 0, Register.EDX, 26),
  SS                (1         , 0, Register.EDX, 27),
  SSE3              (1         , 0, Register.ECX,  0),
  PCLMULQDQ         (1         , 0, Register.ECX,  1),
  MONITOR           (1         , 0, Register.ECX,  3),
  VMX               (1         , 0, Register.ECX,  5),
  SSSE3             (1         , 0, Register.ECX,  9),
  FMA               (1         , 0, Register.ECX, 12),
  CX16              (1         , 0, Register.ECX, 13),
  PDCM              (1         , 0, Register.ECX, 15),
  PCID              (1         , 0, Register.ECX, 17),
  SSE4_1            (1         , 0, Register.ECX, 19),
  SSE4_2            (1         , 0, Register.ECX, 20),
  X2APIC            (1         , 0, Register.ECX, 21),
  MOVBE             (1         , 0, Register.ECX, 22),
  POPCNT            (1         , 0, Register.ECX, 23),
  TSC_DEADLINE      (1         , 0, Register.ECX, 24),
  AES               (1         , 0, Register.ECX, 25),
  XSAVE             (1         , 0, Register.ECX, 26),
  AVX               (1         , 0, Register.ECX, 28),
  F16C              (1         , 0, Register.ECX, 29),
  RDRAND            (1         , 0, Register.ECX, 30),
  HYPERVISOR        (1         , 0, Register.ECX, 31),
  ARAT              (6         , 0, Register.EAX,  2),
  FSGSBASE          (7         , 0, Register.EBX,  0),
  TSC_ADJUST        (7         , 0, Register.EBX,  1),
  BMI1              (7         , 0, Register.EBX,  3),
  AVX2              (7         , 0, Register.EBX,  5),
  SMEP              (7         , 0, Register.EBX,  7),
  BMI2              (7         , 0, Register.EBX,  8),
  ERMS              (7         , 0, Register.EBX,  9),
  INVPCID           (7         , 0, Register.EBX, 10),
  RDSEED            (7         , 0, Register.EBX, 18),
  ADX               (7         , 0, Register.EBX, 19),
  SMAP              (7         , 0, Register.EBX, 20),
  CLFLUSHOPT        (7         , 0, Register.EBX, 23),
  CLWB              (7         , 0, Register.EBX, 24),
  SHA               (7         , 0, Register.EBX, 29),
  UMIP              (7         , 0, Register.ECX,  2),
  PKU               (7         , 0, Register.ECX,  3),
  SHSTK             (7         , 0, Register.ECX,  7),
  LA57              (7         , 0, Register.ECX, 16),
  RDPID             (7         , 0, Register.ECX, 22),
  PKS               (7         , 0, Register.ECX, 31),
  FSRM              (7         , 0, Register.EDX,  4),
  IBT               (7         , 0, Register.EDX, 20),
  SPEC_CTRL         (7         , 0, Register.EDX, 26),
  ARCH_CAPABILITIES (7         , 0, Register.EDX, 29),
  LAM               (7         , 1, Register.EAX, 26),
  XSAVEOPT          (0xD       , 1, Register.EAX,  0),
  XSAVEC            (0xD       , 1, Register.EAX,  1),
  XGETBV1           (0xD       , 1, Register.EAX,  2),
  XSAVES            (0xD       , 1, Register.EAX,  3),
  SYSCALL           (0x80000001, 0, Register.EDX, 11),
  NX                (0x80000001, 0, Register.EDX, 20),
  PDPE1GB           (0x80000001, 0, Register.EDX, 26),
  RDTSCP            (0x80000001, 0, Register.EDX, 27),
  LM                (0x80000001, 0, Register.EDX, 29),
  LAHF_LM           (0x80000001, 0, Register.ECX,  0),
  CR8_LEGACY        (0x80000001, 0, Register.ECX,  4),
  ABM               (0x80000001, 0, Register.ECX,  5),
  PREFETCHW         (0x80000001, 0, Register.ECX,  8),
  INVARIANT_TSC     (0x80000007, 0, Register.EDX,  8);
  // @formatter:on

  /** The registers in which CPUID answers. */
  public enum Register {
    EAX,
    EBX,
    ECX,
    EDX
  }

  private final int leaf;
  private final int subleaf;
  private final Register register;
  private final int bit;

  CpuFeature(int leaf, int subleaf, Register register, int bit) {
    this.leaf = leaf;
    this.subleaf = subleaf;
    this.register = register;
    this.bit = bit;
  }

  /** The CPUID leaf (EAX) that announces it. */
  public int leaf() {
    return leaf;
  }

  /** The sub-leaf (ECX) of that leaf; 0 where the leaf has none. */
  public int subleaf() {
    return subleaf;
  }

  /** The register of the answer that holds its bit. */
  public Register register() {
    return register;
  }

  /** Bit number, 0 to 31. */
  public int bit() {
    return bit;
  }

  /** The name in descriptions and messages: lower case, for instance {@code sse4_2}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The feature with this name; case, and {@code -} or {@code .} for {@code _}, do not matter. */
  public static Optional<CpuFeature> named(String name) {
    String wanted = name.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    for (CpuFeature feature : values()) {
      if (feature.name().equals(wanted)) {
        return Optional.of(feature);
      }
    }
    return Optional.empty();
  }
}
