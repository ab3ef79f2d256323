package org.sallyport.machine.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.cpu.CpuidLeaf;
import org.sallyport.api.machine.CpuDescription;
import org.sallyport.api.machine.MachineException;

/** CPUID against the SDM. */
class CpuModelTest {
  private static final Set<CpuFeature> ALL = EnumSet.allOf(CpuFeature.class);

  private static CpuModel of(Set<CpuFeature> available, List<String> changes, int cpus) throws MachineException {
    return of(available, "max", changes, cpus);
  }

  private static CpuModel of(Set<CpuFeature> available, String model, List<String> changes, int cpus)
      throws MachineException {
    return CpuModel.of("x", available, new CpuDescription("auto", model, changes, Optional.empty(), 40), cpus);
  }

  private static CpuidLeaf leaf(CpuModel model, int leaf, int subleaf) {
    return model.cpuid().stream()
        .filter(each -> each.leaf() == leaf && (each.subleaf() == subleaf || each.subleaf() == CpuidLeaf.ANY_SUBLEAF))
        .findFirst()
        .orElseThrow();
  }

  private static String text(int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : words) {
      bytes.putInt(word);
    }
    return new String(bytes.array(), StandardCharsets.US_ASCII).replace("\0", "");
  }

  @Test
  void theStandardModelLeavesOutWhatGuestsPayFor() throws Exception {
    Set<CpuFeature> onDemand =
        EnumSet.of(CpuFeature.PKU, CpuFeature.PKS, CpuFeature.SHSTK, CpuFeature.IBT, CpuFeature.LAM);
    EnumSet<CpuFeature> rest = EnumSet.allOf(CpuFeature.class);
    rest.removeAll(onDemand);
    assertEquals(rest, of(ALL, "standard", List.of(), 1).features());
    assertEquals(ALL, of(ALL, "max", List.of(), 1).features());
    assertTrue(of(ALL, "standard", List.of("+ibt"), 1).features().contains(CpuFeature.IBT));
  }

  @Test
  void everyFeatureIsAnnouncedByItsBitAndNoOther() throws Exception {
    for (CpuFeature feature : CpuFeature.values()) {
      CpuModel with = of(ALL, List.of(), 1);
      CpuModel without = of(ALL, List.of("-" + feature.label()), 1);
      assertTrue(with.features().contains(feature));
      assertFalse(without.features().contains(feature));
      if (feature.leaf() == 0xd && feature != CpuFeature.XSAVEC) {
        continue; // looked at below
      }
      int bit = 1 << feature.bit();
      CpuidLeaf on = leaf(with, feature.leaf(), feature.subleaf());
      CpuidLeaf off = leaf(without, feature.leaf(), feature.subleaf());
      int[] ons = {on.eax(), on.ebx(), on.ecx(), on.edx()};
      int[] offs = {off.eax(), off.ebx(), off.ecx(), off.edx()};
      int register = feature.register().ordinal();
      assertEquals(bit, ons[register] & bit, feature.name());
      assertEquals(0, offs[register] & bit, feature.name());
    }
  }

  @Test
  void namesAndNumbers() throws Exception {
    CpuModel model = of(ALL, List.of(), 4);
    CpuidLeaf zero = leaf(model, 0, 0);
    assertEquals("GenuineIntel", text(zero.ebx(), zero.edx(), zero.ecx()));
    assertEquals(0x16, zero.eax());
    StringBuilder brand = new StringBuilder();
    for (int i = 0x80000002; i <= 0x80000004; i++) {
      CpuidLeaf leaf = leaf(model, i, 0);
      brand.append(text(leaf.eax(), leaf.ebx(), leaf.ecx(), leaf.edx()));
    }
    assertEquals("Sallyport Virtual CPU", brand.toString());
    CpuidLeaf hypervisor = leaf(model, 0x40000000, 0);
    assertEquals("SallyportVMM", text(hypervisor.ebx(), hypervisor.ecx(), hypervisor.edx()));
    assertEquals(1_000_000, leaf(model, 0x40000010, 0).eax());
    CpuidLeaf tsc = leaf(model, 0x15, 0);
    assertEquals(CpuModel.TSC_HZ, (long) tsc.ecx() * tsc.ebx() / tsc.eax());
    assertEquals(57 << 8 | 40, leaf(model, 0x80000008, 0).eax());
    assertEquals(6, CpuModel.SIGNATURE >>> 8 & 15);
    assertEquals(0x7f, CpuModel.SIGNATURE >>> 4 & 15 | CpuModel.SIGNATURE >>> 12 & 0xf0);
  }

  @Test
  void topologyFitsTheNumberOfProcessors() throws Exception {
    for (int cpus = 1; cpus <= 16; cpus++) {
      CpuModel model = of(ALL, List.of(), cpus);
      CpuidLeaf core = leaf(model, 0xb, 1);
      assertEquals(cpus, core.ebx());
      assertTrue(1 << core.eax() >= cpus && 1 << core.eax() < 2 * cpus, "shift " + core.eax() + " for " + cpus);
      assertEquals(0x201, core.ecx());
      assertEquals(cpus > 1, (leaf(model, 1, 0).edx() & 1 << 28) != 0);
      assertEquals(1 << core.eax(), leaf(model, 1, 0).ebx() >>> 16 & 0xff);
      assertEquals((1 << core.eax()) - 1, leaf(model, 4, 0).eax() >>> 26);
    }
  }

  @Test
  void cacheSizesComeOutOfTheParameters() throws Exception {
    CpuModel model = of(ALL, List.of(), 2);
    int[] sizes = {32 << 10, 32 << 10, 1 << 20, 16 << 20};
    for (int i = 0; i < sizes.length; i++) {
      CpuidLeaf cache = leaf(model, 4, i);
      long size = ((cache.ebx() >>> 22) + 1L) * ((cache.ebx() >>> 12 & 0x3ff) + 1) * ((cache.ebx() & 0xfff) + 1)
          * (cache.ecx() + 1L);
      assertEquals(sizes[i], size);
    }
    assertEquals(0, leaf(model, 4, 4).eax());
  }

  @Test
  void theXsaveAreaHasRoomForWhatIsAnnounced() throws Exception {
    CpuidLeaf avx = leaf(of(ALL, List.of("-pku"), 1), 0xd, 0);
    assertEquals(7, avx.eax());
    assertEquals(832, avx.ecx());
    CpuidLeaf sse = leaf(of(ALL, List.of("-avx", "-pku"), 1), 0xd, 0);
    assertEquals(3, sse.eax());
    assertEquals(576, sse.ecx());
    CpuModel none = of(ALL, List.of("-xsave"), 1);
    assertTrue(none.cpuid().stream().noneMatch(leaf -> leaf.leaf() == 0xd));
    assertFalse(none.features().contains(CpuFeature.AVX2), "what needs a feature goes with it");
  }

  @Test
  void noLeafComesTwice() throws Exception {
    Set<Long> seen = new HashSet<>();
    for (CpuidLeaf leaf : of(ALL, List.of(), 8).cpuid()) {
      assertTrue(seen.add((long) leaf.leaf() << 32 | leaf.subleaf() & 0xffffffffL), leaf.toString());
    }
  }

  @Test
  void whatTheBackendDoesNotHaveCannotBeWanted() throws Exception {
    Set<CpuFeature> few = EnumSet.of(CpuFeature.FPU, CpuFeature.TSC);
    assertEquals(few, of(few, List.of(), 1).features());
    assertEquals("the CPU backend 'x' has no feature 'avx'; it has: [fpu, tsc]",
        assertThrows(MachineException.class, () -> of(few, List.of("+avx"), 1)).getMessage());
    assertThrows(MachineException.class, () -> of(ALL, List.of("-xsave", "+avx"), 1));
    assertTrue(assertThrows(MachineException.class, () -> of(few, List.of("+warp"), 1)).getMessage()
        .contains("no CPU feature is named 'warp'"));
  }

  @Test
  void levelsOfTheAbi() throws Exception {
    CpuModel baseline = of(ALL, "x86-64", List.of(), 1);
    assertTrue(baseline.features().containsAll(Set.of(CpuFeature.SSE2, CpuFeature.CMOV, CpuFeature.LM, CpuFeature.NX)));
    assertFalse(baseline.features().contains(CpuFeature.SSE3));
    CpuModel second = of(ALL, "x86-64-v2", List.of("+aes", "-popcnt"), 1);
    assertTrue(second.features().containsAll(Set.of(CpuFeature.SSE4_2, CpuFeature.CX16, CpuFeature.AES)));
    assertFalse(second.features().contains(CpuFeature.POPCNT));
    assertFalse(second.features().contains(CpuFeature.AVX));
    CpuModel third = of(ALL, "x86-64-v3", List.of(), 1);
    assertTrue(third.features().containsAll(second.features().stream().filter(f -> f != CpuFeature.AES).toList()));
    assertTrue(third.features().contains(CpuFeature.AVX2));

    EnumSet<CpuFeature> without = EnumSet.complementOf(EnumSet.of(CpuFeature.AVX, CpuFeature.MTRR));
    assertFalse(of(without, "x86-64-v2", List.of(), 1).features().contains(CpuFeature.MTRR), "not a demand");
    assertTrue(assertThrows(MachineException.class, () -> of(without, "x86-64-v3", List.of(), 1)).getMessage()
        .startsWith("the CPU backend 'x' has no feature 'avx'"));
    assertEquals("no CPU model is named 'pentium'; there are: standard, max, x86-64, x86-64-v2, x86-64-v3",
        assertThrows(MachineException.class, () -> of(ALL, "pentium", List.of(), 1)).getMessage());
  }

  @Test
  void vendorAndAddressWidthAreWhatIsAskedFor() throws Exception {
    CpuModel model =
        CpuModel.of("x", ALL, new CpuDescription("auto", "max", List.of(), Optional.of("AuthenticAMD"), 36), 1);
    CpuidLeaf zero = leaf(model, 0, 0);
    assertEquals("AuthenticAMD", text(zero.ebx(), zero.edx(), zero.ecx()));
    assertEquals(36, leaf(model, 0x80000008, 0).eax() & 0xff);
  }
}
