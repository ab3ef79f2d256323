package org.sallyport.device.iommu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.sallyport.device.iommu.VtdRegisters.*;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.ResetKind;
import org.sallyport.device.bench.Bench.Message;
import org.sallyport.device.bench.RandomUse;
import org.sallyport.device.bench.States;

/** Registers and invalidation (VT-d specification, chapters 6 and 11). */
class IntelIommuTest {
  private static final int WAIT = 5;
  private static final int WAIT_IF = 1 << 4;
  private static final int WAIT_SW = 1 << 5;

  private final IommuBench vtd = new IommuBench();

  private void descriptor(int index, long low, long high) {
    vtd.poke(IommuBench.QUEUE + 16 * index, low, high);
  }

  @Test
  void saysWhatItIs() {
    assertEquals(0x10, vtd.read(VER));
    long cap = vtd.readLong(CAP);
    assertEquals(6, cap >> 8 & 0x1f, "tables of 3 and 4 levels");
    assertEquals(47, cap >> 16 & 0x3f);
    assertEquals(FRCD / 16, cap >> 24 & 0x3ff);
    assertEquals(3, cap >> 34 & 0xf, "pages of 2 MiB and 1 GiB");
    assertEquals(FAULTS - 1, cap >> 40 & 0xff);
    long ecap = vtd.readLong(ECAP);
    assertEquals(0b1101_1011, ecap & 0xff);
    assertEquals(IVA / 16, ecap >> 8 & 0x3ff);
    vtd.writeLong(CAP, 0);
    assertEquals(cap, vtd.readLong(CAP));
    assertEquals((int) (cap >>> 32), vtd.read(CAP + 4));
    assertEquals(new org.sallyport.api.device.Iommu.Facts(IommuBench.BASE, 48, true), vtd.unit.facts());
  }

  @Test
  void withoutInterruptRemappingThereIsNoneToSwitchOn() {
    IommuBench plain = new IommuBench(new IommuConfiguration(IommuBench.BASE, false, true, true));
    assertEquals(0, plain.readLong(ECAP) & 0x18);
    plain.remapping(0);
    assertEquals(0, plain.read(GSTS));
    assertEquals(false, plain.unit.facts().remapsInterrupts());
  }

  @Test
  void commandsShowInTheStatus() {
    vtd.write(GCMD, SRTP);
    assertEquals(SRTP, vtd.read(GSTS));
    assertEquals(0, vtd.read(GCMD), "write-only");
    for (int bit : new int[]{TE, QIE, IRE, CFI}) {
      vtd.command(bit);
      assertEquals(bit, vtd.read(GSTS) & bit);
    }
    vtd.write(GCMD, QIE);
    assertEquals(SRTP | QIE, vtd.read(GSTS), "the others go off with the write that does not name them");
  }

  @Test
  void aTableIsInUseOnlyWhenItIsSet() {
    vtd.translating(1 | 2 << 2, 2);
    vtd.writeLong(RTADDR, 0x70000);
    assertEquals(0x1234, vtd.translate(0x1234, false));
    vtd.command(SRTP);
    assertEquals(-1, vtd.translate(0x1234, false));
  }

  @Test
  void accessesOfOtherSizesDoNothing() {
    vtd.bench.bus().write(IommuBench.BASE + RTADDR + 1, 1, 0xff);
    vtd.bench.bus().write(IommuBench.BASE + RTADDR + 4, 2, 0xffff);
    assertEquals(0, vtd.readLong(RTADDR));
    assertEquals(0, vtd.bench.bus().read(IommuBench.BASE + VER, 2));
  }

  @Test
  void invalidationByRegisters() {
    vtd.writeLong(CCMD, ICC | 3L << 61 | 0x0018_0000);
    assertEquals(3L << 61 | 3L << 59 | 0x0018_0000, vtd.readLong(CCMD), "done, as it was asked for");
    vtd.writeLong(IVA, 0x5000);
    vtd.write(IOTLB, 0);
    vtd.write(IOTLB + 4, (int) ((IVT | 2L << 60 | 9L << 32) >>> 32));
    assertEquals(2L << 60 | 2L << 57 | 9L << 32, vtd.readLong(IOTLB));
  }

  @Test
  void waitsAreAnswered() {
    vtd.queueing();
    descriptor(0, 1 | 1 << 4, 0);
    descriptor(1, 2 | 1 << 4, 0);
    descriptor(2, 4, 0);
    descriptor(3, WAIT | WAIT_SW | 0xcafeL << 32, 0x9000);
    vtd.writeLong(IQT, 3 << 4);
    assertEquals(0, vtd.bench.memory().read(0x9000, 4));
    assertEquals(3 << 4, vtd.readLong(IQH));
    vtd.writeLong(IQT, 4 << 4);
    assertEquals(0xcafe, vtd.bench.memory().read(0x9000, 4));
    assertEquals(4 << 4, vtd.readLong(IQH));
  }

  @Test
  void theQueueIsARing() {
    vtd.queueing();
    for (int i = 0; i < 256; i++) {
      descriptor(i, WAIT | WAIT_SW | (long) i << 32, 0x9000);
    }
    vtd.writeLong(IQT, 255 << 4);
    vtd.writeLong(IQT, 2 << 4);
    assertEquals(1, vtd.bench.memory().read(0x9000, 4));
    assertEquals(2 << 4, vtd.readLong(IQH));
    vtd.write(GCMD, 0);
    assertEquals(0, vtd.readLong(IQH), "off, it begins anew");
  }

  @Test
  void aWaitMayInterrupt() {
    vtd.queueing();
    vtd.write(IECTL + 4, 0x42);
    vtd.write(IECTL + 8, 0xfee02000);
    vtd.write(IECTL, 0);
    descriptor(0, WAIT | WAIT_IF, 0);
    descriptor(1, WAIT | WAIT_IF, 0);
    descriptor(2, WAIT | WAIT_IF, 0);
    vtd.writeLong(IQT, 2 << 4);
    assertEquals(List.of(new Message(0xfee02000L, 0x42)), vtd.bench.sent(), "the second one finds it set");
    assertEquals(1, vtd.read(ICS));
    vtd.write(ICS, 1);
    assertEquals(0, vtd.read(ICS));
    vtd.writeLong(IQT, 3 << 4);
    assertEquals(2, vtd.bench.sent().size());
  }

  @Test
  void anErrorStopsTheQueueUntilItIsCleared() {
    vtd.queueing();
    vtd.write(FECTL, 0);
    descriptor(0, 3, 0);
    descriptor(1, WAIT | WAIT_SW | 7L << 32, 0x9000);
    vtd.writeLong(IQT, 2 << 4);
    assertEquals(0x10, vtd.read(FSTS), "there are no device TLBs");
    assertEquals(0, vtd.readLong(IQH));
    assertEquals(1, vtd.bench.sent().size());
    descriptor(0, 1 | 1 << 4, 0);
    vtd.write(FSTS, 0x10);
    assertEquals(0, vtd.read(FSTS));
    assertEquals(7, vtd.bench.memory().read(0x9000, 4));
    vtd.writeLong(IQT, 0x100 << 4);
    assertEquals(0x10, vtd.read(FSTS), "a tail behind the end");
  }

  @Test
  void aSuccessorGoesOn() throws InvalidState {
    vtd.translating(1 | 2 << 2, 2);
    vtd.remapping(EIME);
    vtd.queueing();
    vtd.unit.translate(0x20, 0, true);
    IommuBench other = new IommuBench();
    States.copy(vtd.unit, other.unit);
    assertEquals(States.text(vtd.unit), States.text(other.unit));
    assertEquals(vtd.read(GSTS), other.read(GSTS));
    assertEquals(2, other.reason(0));
    assertEquals(-1, other.translate(0, false), "its memory has no tables");
    vtd.unit.reset(ResetKind.RESET);
    assertEquals(States.text(new IommuBench().unit), States.text(vtd.unit));
  }

  @Test
  void impossibleBase() {
    for (long base : new long[]{-4096, 0xfed90010L, 1L << 32}) {
      assertThrows(DeviceException.class,
          () -> new IommuComponent().create(new IommuConfiguration(base, true, true, true), vtd.bench));
    }
  }

  @Test
  void randomUse() {
    RandomUse.run(new IommuComponent(), 20_000);
  }
}
