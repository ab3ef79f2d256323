package org.sallyport.cpu.vmx.vmx;

import java.util.List;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.cpu.CpuidLeaf;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;

/** What CPUID answers: the cluster's leaves, and the parts that depend on the processor or its state. */
final class CpuidTable {
  private static final int XSAVE_LEAF = 0xd;
  private static final int EXTENDED_FEATURES = 0x80000001;
  private static final int LAST_LEAF_WHEN_LIMITED = 2;

  // Bits that depend on the processor's state.
  private static final int EDX_APIC = 1 << 9;
  private static final int ECX_MONITOR = 1 << 3;
  private static final int EDX_NX = 1 << 20;

  private final CpuidLeaf[] leaves;
  private final int maxBasic;
  private final int maxExtended;
  private final int maxHypervisor;

  CpuidTable(List<CpuidLeaf> all) {
    leaves = all.toArray(CpuidLeaf[]::new);
    maxBasic = maximum(0);
    maxExtended = maximum(0x80000000);
    maxHypervisor = maximum(0x40000000);
  }

  private int maximum(int leaf) {
    CpuidLeaf found = find(leaf, 0);
    return found == null ? 0 : found.eax();
  }

  private CpuidLeaf find(int leaf, int subleaf) {
    for (CpuidLeaf l : leaves) {
      if (l.leaf() == leaf && (l.subleaf() == CpuidLeaf.ANY_SUBLEAF || l.subleaf() == subleaf)) {
        return l;
      }
    }
    return null;
  }

  /** Whether the leaves announce a feature. */
  boolean announces(CpuFeature feature) {
    CpuidLeaf l = find(feature.leaf(), feature.subleaf());
    if (l == null) {
      return false;
    }
    int value =
        switch (feature.register()) {
          case EAX -> l.eax();
          case EBX -> l.ebx();
          case ECX -> l.ecx();
          case EDX -> l.edx();
        };
    return (value >>> feature.bit() & 1) != 0;
  }

  /** Whether it is a processor of AMD's, which has SYSCALL outside 64-bit mode. */
  boolean isAmd() {
    CpuidLeaf l = find(0, 0);
    return l != null && l.ebx() == 0x68747541; // "Auth"
  }

  /** Family, model and stepping. */
  int signature() {
    CpuidLeaf l = find(1, 0);
    return l == null ? 0 : l.eax();
  }

  /** State components that XCR0 may enable. */
  long supportedXcr0() {
    CpuidLeaf l = find(XSAVE_LEAF, 0);
    return l == null ? 0 : Integer.toUnsignedLong(l.eax()) | (long) l.edx() << 32;
  }

  /** Whether XSETBV may load this value. */
  boolean allowsXcr0(long value) {
    return (value & 1) != 0 && (value & ~supportedXcr0()) == 0 && ((value & 4) == 0 || (value & 2) != 0);
  }

  /** Executes CPUID: EAX and ECX in, EAX, EBX, ECX, EDX out. */
  void answer(Cpu cpu) {
    int leaf = (int) cpu.r[Registers.RAX];
    int subleaf = (int) cpu.r[Registers.RCX];
    int lastBasic = cpu.msrs.limitsCpuid() ? Math.min(maxBasic, LAST_LEAF_WHEN_LIMITED) : maxBasic;
    boolean known = leaf >= 0 && leaf < 0x40000000
        ? leaf <= lastBasic
        : leaf < 0 ? Integer.compareUnsigned(leaf, maxExtended) <= 0 : maxHypervisor != 0 && leaf <= maxHypervisor;
    // Beyond the last leaf, Intel's processors answer as for the last basic leaf.
    CpuidLeaf l = find(known ? leaf : lastBasic, subleaf);
    int eax = l == null ? 0 : l.eax();
    int ebx = l == null ? 0 : l.ebx();
    int ecx = l == null ? 0 : l.ecx();
    int edx = l == null ? 0 : l.edx();
    switch (l == null ? -1 : l.leaf()) {
      case 0 -> eax = lastBasic;
      case 1 -> {
        edx &= cpu.localApicEnabled ? -1 : ~EDX_APIC;
        ecx &= cpu.msrs.monitorEnabled() ? -1 : ~ECX_MONITOR;
        ebx = ebx & 0x00ffffff | cpu.index << 24;
        ecx = ecx & ~(1 << 27) | ((cpu.cr4 & Flag.CR4_OSXSAVE) != 0 ? 1 << 27 : 0);
      }
      case 7 -> {
        if (subleaf == 0) {
          ecx = ecx & ~(1 << 4) | ((cpu.cr4 & Flag.CR4_PKE) != 0 ? 1 << 4 : 0);
        }
      }
      case 0xb -> edx = cpu.index;
      case EXTENDED_FEATURES -> edx &= cpu.msrs.executeDisableOff() ? ~EDX_NX : -1;
      case XSAVE_LEAF -> {
        if (subleaf == 0) {
          ebx = xsaveSize(cpu.xcr0);
        }
      }
      default -> {}
    }
    cpu.r[Registers.RAX] = eax & 0xffffffffL;
    cpu.r[Registers.RBX] = ebx & 0xffffffffL;
    cpu.r[Registers.RCX] = ecx & 0xffffffffL;
    cpu.r[Registers.RDX] = edx & 0xffffffffL;
  }

  /** Bytes of the standard XSAVE area for these state components. */
  private int xsaveSize(long components) {
    int size = 576;
    for (int i = 2; i < 63; i++) {
      if ((components >>> i & 1) != 0) {
        CpuidLeaf l = find(XSAVE_LEAF, i);
        if (l != null) {
          size = Math.max(size, l.ebx() + l.eax());
        }
      }
    }
    return size;
  }
}
