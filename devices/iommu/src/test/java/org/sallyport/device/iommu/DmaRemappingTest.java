package org.sallyport.device.iommu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.sallyport.device.iommu.VtdRegisters.*;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.Iommu;
import org.sallyport.device.bench.Bench.Message;

/** Translation of requests, and the faults of those that are not allowed (VT-d specification, chapters 3 and 7). */
class DmaRemappingTest {
  private static final long L4 = 0x3000;
  private static final long L3 = 0x4000;
  private static final long L2 = 0x5000;
  private static final long L1 = 0x6000;
  private static final int RW = 3;
  private static final int READ = 1;
  private static final int LARGE = 1 << 7;

  private final IommuBench vtd = new IommuBench();

  /** Three levels for the card: page 5 is at 0x77000. */
  private void threeLevels() {
    vtd.poke(L3, L2 | RW);
    vtd.poke(L2, L1 | RW);
    vtd.poke(L1 + 8 * 5, 0x77000 | RW);
    vtd.translating(L3 | 1, 1 | 9 << 8);
  }

  @Test
  void nothingIsTranslatedBeforeItIsOn() {
    assertEquals(0x123456789aL, vtd.translate(0x123456789aL, true));
    vtd.writeLong(RTADDR, IommuBench.ROOT);
    vtd.command(SRTP);
    assertEquals(0x5000, vtd.translate(0x5000, false));
    vtd.command(TE);
    assertEquals(Iommu.BLOCKED, vtd.translate(0x5000, false));
  }

  @Test
  void threeLevelsOfTables() {
    threeLevels();
    assertEquals(0x77abc, vtd.translate(0x5abc, true));
    assertEquals(0x77abc, vtd.translate(0x5abc, false));
    assertEquals(0, vtd.read(FSTS));
    assertEquals(Iommu.BLOCKED, vtd.translate(1L << 39 | 0x5000, false));
    assertEquals(4, vtd.reason(0), "beyond 39 bits");
  }

  @Test
  void fourLevelsOfTables() {
    vtd.poke(L4 + 8 * 0x1ff, L3 | RW);
    vtd.poke(L3 + 8 * 2, L2 | RW);
    vtd.poke(L2 + 8 * 3, L1 | RW);
    vtd.poke(L1 + 8 * 4, 0x8_0000_0000L | RW);
    vtd.translating(L4 | 1, 2);
    assertEquals(0x8_0000_0123L, vtd.translate(0x1ffL << 39 | 2L << 30 | 3 << 21 | 4 << 12 | 0x123, true));
    assertEquals(Iommu.BLOCKED, vtd.translate(1L << 48, false));
    assertEquals(4, vtd.reason(0));
  }

  @Test
  void largePages() {
    vtd.poke(L3, L2 | RW, 0x40000000L | RW | LARGE, 0x40001000L | RW | LARGE);
    vtd.poke(L2 + 8, 0x200000 | RW | LARGE, 0x201000 | RW | LARGE);
    vtd.translating(L3 | 1, 1);
    assertEquals(0x212345, vtd.translate(0x212345, true));
    assertEquals(0x5fedcba9L, vtd.translate(0x5fedcba9L, false));
    assertEquals(Iommu.BLOCKED, vtd.translate(0x400000, false), "an address with bits inside of the page");
    assertEquals(Iommu.BLOCKED, vtd.translate(0x80000000L, false));
    assertEquals(0xc, vtd.reason(0));
    assertEquals(0xc, vtd.reason(1));
  }

  @Test
  void everyLevelGivesItsLeave() {
    threeLevels();
    vtd.poke(L2, L1 | READ);
    assertEquals(0x77000, vtd.translate(0x5000, false));
    assertEquals(Iommu.BLOCKED, vtd.translate(0x5678, true));
    assertEquals(5, vtd.reason(0));
    assertEquals(0x5000, vtd.readLong(FRCD), "the page's address");
    assertEquals(0x8000_0005_0000_0018L, vtd.readLong(FRCD + 8), "a write of 00:03.0");
    assertEquals(Iommu.BLOCKED, vtd.translate(0x6000, false));
    assertEquals(0xc000_0006_0000_0018L, vtd.readLong(FRCD + 24), "a read");
  }

  @Test
  void aMappingIsThereAtOnce() {
    threeLevels();
    assertEquals(Iommu.BLOCKED, vtd.translate(0x9000, false));
    vtd.poke(L1 + 8 * 9, 0x99000 | READ);
    assertEquals(0x99000, vtd.translate(0x9000, false), "absence is not cached: the caching mode bit is 0");
    assertEquals(0, vtd.readLong(CAP) >> 7 & 1);
  }

  @Test
  void entriesThatMakeNoSense() {
    vtd.writeLong(RTADDR, IommuBench.ROOT);
    vtd.command(SRTP);
    vtd.command(TE);
    long[][] cases = {
        // root entry, context entry, reason
        {0, 0, 0, 0, 1}, {IommuBench.CONTEXTS | 3, 0, 0, 0, 0xa}, {IommuBench.CONTEXTS | 1, 1, 0, 0, 0xa},
        {0x7000_0001, 0, 0, 0, 9}, {IommuBench.CONTEXTS | 1, 0, 0, 1, 2},
        {IommuBench.CONTEXTS | 1, 0, L3 | 0x11, 1, 0xb},
        {IommuBench.CONTEXTS | 1, 0, L3 | 1, 1L << 24, 0xb}, {IommuBench.CONTEXTS | 1, 0, L3 | 1, 0, 3},
        {IommuBench.CONTEXTS | 1, 0, L3 | 5, 1, 3}, {IommuBench.CONTEXTS | 1, 0, 0x7000_0001, 1, 7}};
    for (long[] each : cases) {
      vtd.poke(IommuBench.ROOT, each[0], each[1]);
      vtd.poke(IommuBench.CONTEXTS + 16 * IommuBench.CARD, each[2], each[3]);
      assertEquals(Iommu.BLOCKED, vtd.translate(0, false));
      assertEquals(each[4], vtd.reason(vtd.read(FSTS) >> 8 & 0xff), () -> java.util.Arrays.toString(each));
      vtd.forgetFaults();
    }
  }

  @Test
  void passThrough() {
    vtd.translating(1 | 2 << 2, 2);
    assertEquals(0x123456789L, vtd.translate(0x123456789L, true));
    assertEquals(Iommu.BLOCKED, vtd.unit.translate(0x20, 0x1000, true), "another function's entry is absent");
    assertEquals(2, vtd.reason(0));
  }

  @Test
  void aContextMayKeepItsFaultsToItself() {
    threeLevels();
    vtd.poke(IommuBench.CONTEXTS + 16 * IommuBench.CARD, L3 | 3, 1);
    assertEquals(Iommu.BLOCKED, vtd.translate(0x8000, true));
    assertEquals(0, vtd.read(FSTS));
  }

  @Test
  void aFaultInterruptsOnce() {
    threeLevels();
    vtd.write(FECTL + 4, 0x41);
    vtd.write(FECTL + 8, 0xfee01000);
    vtd.translate(0x8000, false);
    assertEquals(0xc000_0000, vtd.read(FECTL), "masked after a reset, pending");
    vtd.write(FECTL, 0);
    assertEquals(List.of(new Message(0xfee01000L, 0x41)), vtd.bench.sent());
    assertEquals(0, vtd.read(FECTL));
    vtd.translate(0x8000, false);
    assertEquals(1, vtd.bench.sent().size(), "the first one was not seen to");
    vtd.forgetFaults();
    vtd.translate(0x8000, false);
    assertEquals(2, vtd.bench.sent().size());
    assertEquals(2 << 8 | 2, vtd.read(FSTS), "PPF, and the third register is the first that is full");
  }

  @Test
  void faultsThatFindNoRegisterOverflow() {
    threeLevels();
    for (int i = 0; i <= FAULTS; i++) {
      vtd.translate(0x10000 + 0x1000 * i, true);
    }
    assertEquals(3, vtd.read(FSTS));
    assertEquals(0x10000, vtd.readLong(FRCD));
    vtd.write(FRCD + 12, 1 << 31);
    vtd.translate(0x20000, true);
    assertEquals(0, vtd.reason(0), "none is recorded before the overflow is cleared");
    vtd.write(FSTS, 1);
    vtd.translate(0x20000, true);
    assertEquals(0x20000, vtd.readLong(FRCD));
  }
}
