package org.sallyport.machine.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.cpu.CpuFeature.Register;
import org.sallyport.api.cpu.CpuidLeaf;
import org.sallyport.api.machine.CpuDescription;

/** Builds the CPUID leaves of a model (SDM volume 2, chapter 3, "CPUID—CPU Identification"). */
final class CpuidLeaves {
  private static final String VENDOR = "GenuineIntel";
  private static final String BRAND = "Sallyport Virtual CPU";
  private static final String HYPERVISOR = "SallyportVMM";

  private static final int MAX_BASIC = 0x16;
  private static final int HYPERVISOR_BASE = 0x40000000;
  private static final int HYPERVISOR_TIMING = 0x40000010;
  private static final int EXTENDED_BASE = 0x80000000;
  private static final int MAX_EXTENDED = 0x80000008;

  private static final int LINE = 64;
  /** Leaf 1 EDX: the package has room for more than one logical processor. */
  private static final int HTT = 1 << 28;

  private static final int TYPE_DATA = 1;
  private static final int TYPE_CODE = 2;
  private static final int TYPE_UNIFIED = 3;

  private static final int XCR0_X87_SSE = 0x3;
  private static final int XCR0_AVX = 1 << 2;
  private static final int XCR0_PKRU = 1 << 9;
  private static final int LEGACY_AREA = 576;
  private static final int AVX_OFFSET = 576;
  private static final int AVX_SIZE = 256;
  private static final int PKRU_OFFSET = 2688;
  private static final int PKRU_SIZE = 8;

  private final Set<CpuFeature> features;
  private final CpuDescription wish;
  private final int cpus;
  private final List<CpuidLeaf> leaves = new ArrayList<>();

  CpuidLeaves(Set<CpuFeature> features, CpuDescription wish, int cpus) {
    this.features = features;
    this.wish = wish;
    this.cpus = cpus;
  }

  List<CpuidLeaf> leaves() {
    basic();
    caches();
    topology();
    extendedState();
    timing();
    if (features.contains(CpuFeature.HYPERVISOR)) {
      int[] id = words(HYPERVISOR, 3);
      leaf(HYPERVISOR_BASE, HYPERVISOR_TIMING, id[0], id[1], id[2]);
      int khz = (int) (CpuModel.TSC_HZ / 1000);
      leaf(HYPERVISOR_TIMING, khz, khz, 0, 0);
    }
    extended();
    return leaves;
  }

  private void basic() {
    int[] vendor = words(wish.vendor().orElse(VENDOR), 3);
    leaf(0, MAX_BASIC, vendor[0], vendor[2], vendor[1]);
    int packageRoom = 1 << idBits();
    leaf(1, CpuModel.SIGNATURE, packageRoom << 16 | (LINE / 8) << 8, bits(1, 0, Register.ECX),
        bits(1, 0, Register.EDX) | (cpus > 1 ? HTT : 0));
    leaf(2, 0xff01, 0, 0, 0); // one round; descriptor FF: the caches are in leaf 4
    boolean monitor = features.contains(CpuFeature.MONITOR);
    leaf(5, monitor ? LINE : 0, monitor ? LINE : 0, monitor ? 3 : 0, 0);
    leaf(6, bits(6, 0, Register.EAX), 0, 0, 0);
    sub(7, 0, 1, bits(7, 0, Register.EBX), bits(7, 0, Register.ECX), bits(7, 0, Register.EDX));
    sub(7, 1, bits(7, 1, Register.EAX), 0, 0, 0);
    leaf(0xa, 0, 0, 0, 0); // no performance monitoring
  }

  private void caches() {
    cache(0, TYPE_DATA, 1, 32 << 10, 8, 0);
    cache(1, TYPE_CODE, 1, 32 << 10, 8, 0);
    cache(2, TYPE_UNIFIED, 2, 1 << 20, 16, 0);
    cache(3, TYPE_UNIFIED, 3, 16 << 20, 16, (1 << idBits()) - 1);
    sub(4, 4, 0, 0, 0, 0);
  }

  private void cache(int index, int type, int level, int size, int ways, int sharers) {
    int selfInitializing = 1 << 8;
    int eax = ((1 << idBits()) - 1) << 26 | sharers << 14 | selfInitializing | level << 5 | type;
    sub(4, index, eax, (ways - 1) << 22 | (LINE - 1), size / (ways * LINE) - 1, 0);
  }

  /** Each virtual CPU is a core with one thread; the backend fills in its APIC identifier (EDX). */
  private void topology() {
    int typeThread = 1;
    int typeCore = 2;
    sub(0xb, 0, 0, 1, typeThread << 8, 0);
    sub(0xb, 1, idBits(), cpus, typeCore << 8 | 1, 0);
    sub(0xb, 2, 0, 0, 2, 0);
  }

  private void extendedState() {
    if (!features.contains(CpuFeature.XSAVE)) {
      return;
    }
    int xcr0 = XCR0_X87_SSE;
    int size = LEGACY_AREA;
    if (features.contains(CpuFeature.AVX)) {
      xcr0 |= XCR0_AVX;
      size = AVX_OFFSET + AVX_SIZE;
      sub(0xd, 2, AVX_SIZE, AVX_OFFSET, 0, 0);
    }
    if (features.contains(CpuFeature.PKU)) {
      xcr0 |= XCR0_PKRU;
      size = PKRU_OFFSET + PKRU_SIZE;
      sub(0xd, 9, PKRU_SIZE, PKRU_OFFSET, 0, 0);
    }
    sub(0xd, 0, xcr0, LEGACY_AREA, size, 0); // EBX is for the XCR0 after a reset; the backend puts in what it is now
    sub(0xd, 1, bits(0xd, 1, Register.EAX), 0, 0, 0);
  }

  /**
   * The crystal runs as fast as the time-stamp counter: guests take the crystal for the clock of the local APIC's
   * timer, too.
   */
  private void timing() {
    int mhz = (int) (CpuModel.TSC_HZ / 1_000_000);
    leaf(0x15, 1, 1, (int) CpuModel.TSC_HZ, 0);
    leaf(0x16, mhz, mhz, 100, 0);
  }

  private void extended() {
    leaf(EXTENDED_BASE, MAX_EXTENDED, 0, 0, 0);
    leaf(EXTENDED_BASE + 1, 0, 0, bits(EXTENDED_BASE + 1, 0, Register.ECX), bits(EXTENDED_BASE + 1, 0, Register.EDX));
    int[] brand = words(BRAND, 12);
    for (int i = 0; i < 3; i++) {
      leaf(EXTENDED_BASE + 2 + i, brand[4 * i], brand[4 * i + 1], brand[4 * i + 2], brand[4 * i + 3]);
    }
    leaf(EXTENDED_BASE + 5, 0, 0, 0, 0);
    int sixteenWays = 8;
    leaf(EXTENDED_BASE + 6, 0, 0, 1024 << 16 | sixteenWays << 12 | LINE, 0);
    leaf(EXTENDED_BASE + 7, 0, 0, 0, bits(EXTENDED_BASE + 7, 0, Register.EDX));
    int linear = features.contains(CpuFeature.LM) ? features.contains(CpuFeature.LA57) ? 57 : 48 : 32;
    leaf(MAX_EXTENDED, linear << 8 | wish.physicalBits(), 0, 0, 0);
  }

  /** How many low bits of an APIC identifier number the processors. */
  private int idBits() {
    return 32 - Integer.numberOfLeadingZeros(cpus - 1);
  }

  private int bits(int leaf, int subleaf, Register register) {
    int result = 0;
    for (CpuFeature feature : features) {
      if (feature.leaf() == leaf && feature.subleaf() == subleaf && feature.register() == register) {
        result |= 1 << feature.bit();
      }
    }
    return result;
  }

  private void leaf(int leaf, int eax, int ebx, int ecx, int edx) {
    leaves.add(new CpuidLeaf(leaf, CpuidLeaf.ANY_SUBLEAF, eax, ebx, ecx, edx));
  }

  private void sub(int leaf, int subleaf, int eax, int ebx, int ecx, int edx) {
    leaves.add(new CpuidLeaf(leaf, subleaf, eax, ebx, ecx, edx));
  }

  /** Text as little-endian 32-bit words, filled up with zeros. */
  private static int[] words(String text, int count) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(text.getBytes(StandardCharsets.US_ASCII)).rewind();
    int[] words = new int[count];
    bytes.asIntBuffer().get(words);
    return words;
  }
}
