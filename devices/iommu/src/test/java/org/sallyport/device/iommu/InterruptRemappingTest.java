package org.sallyport.device.iommu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.sallyport.device.iommu.VtdRegisters.*;

import org.junit.jupiter.api.Test;
import org.sallyport.api.device.Iommu;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;

/** The interrupt remapping table (VT-d specification, chapter 5). */
class InterruptRemappingTest {
  private static final long VERIFY = 1L << 18;
  private static final int CARD = IommuBench.CARD;

  private final IommuBench vtd = new IommuBench();

  private static ApicMessage fixed(int destination, int vector) {
    return new ApicMessage(destination, false, DeliveryMode.FIXED, vector, false, true);
  }

  private void entry(int index, long low, long high) {
    vtd.poke(IommuBench.ENTRIES + 16 * index, low, high);
  }

  /** A request in the remappable format. */
  private ApicMessage request(int requester, int handle) {
    return vtd.unit.remap(requester, 0xfee00010L | (handle & 0x7fff) << 5 | handle >> 15 << 2, 0);
  }

  @Test
  void untilItIsOnAMessageIsWhatItSays() {
    assertEquals(fixed(3, 0x45), vtd.unit.remap(CARD, 0xfee03000L, 0x45));
  }

  @Test
  void anEntryMakesTheMessage() {
    vtd.remapping(0);
    entry(5, 1 | 0x31 << 16 | 2L << 40, 0);
    entry(6, 1 | 1 << 2 | 1 << 4 | 1 << 5 | 0x32 << 16 | 0xffL << 40, 0);
    assertEquals(fixed(2, 0x31), request(CARD, 5));
    assertEquals(new ApicMessage(ApicMessage.BROADCAST, true, DeliveryMode.LOWEST_PRIORITY, 0x32, true, true),
        request(CARD, 6));
    assertEquals(fixed(2, 0x31), vtd.unit.remap(CARD, 0xfee00018L | 3 << 5, 2), "a subhandle is added");
    assertEquals(0, vtd.read(FSTS));
  }

  @Test
  void extendedDestinationsHaveAllBits() {
    vtd.remapping(EIME);
    entry(1, 1 | 0x31 << 16 | 0x12345L << 32, 0);
    assertEquals(fixed(0x12345, 0x31), request(CARD, 1));
    vtd.remapping(0);
    assertNull(request(CARD, 1), "reserved bits otherwise");
    assertEquals(0x24, vtd.reason(0));
  }

  @Test
  void theSourceIsVerified() {
    vtd.remapping(0);
    entry(1, 1, VERIFY | CARD);
    entry(2, 1, VERIFY | 3 << 16 | CARD);
    entry(3, 1, 2 * VERIFY | 0x0203);
    assertEquals(fixed(0, 0), request(CARD, 1));
    assertNull(request(CARD + 1, 1));
    assertEquals(0x26, vtd.reason(0));
    assertEquals(1L << 48, vtd.readLong(FRCD));
    assertEquals(fixed(0, 0), request(CARD + 7, 2), "any function");
    assertNull(request(CARD + 8, 2));
    assertEquals(fixed(0, 0), request(0x3ff, 3));
    assertNull(request(0x400, 3));
    assertNull(request(Iommu.IO_APIC, 1), "the IO APIC is verified alike");
  }

  @Test
  void theIoApicMayBeTrusted() {
    IommuBench trusting = new IommuBench(new IommuConfiguration(IommuBench.BASE, true, false, false));
    trusting.remapping(EIME);
    assertEquals(IommuBench.ENTRIES | 7, trusting.readLong(IRTA), "there is no EIM");
    trusting.poke(IommuBench.ENTRIES, 1, VERIFY | CARD);
    assertEquals(fixed(0, 0), trusting.unit.remap(Iommu.IO_APIC, 0xfee00010L, 0));
    assertNull(trusting.unit.remap(CARD + 1, 0xfee00010L, 0));
  }

  @Test
  void requestsThatAreBlocked() {
    vtd.remapping(0);
    entry(1, 1 | 1 << 12, 0);
    entry(2, 1 | 1 << 15, 0);
    entry(3, 1, 1L << 40);
    entry(4, 1 | 3 << 5, 0);
    int[][] cases = {{0, 0x22}, {1, 0x24}, {2, 0x24}, {3, 0x24}, {4, 0x24}, {256, 0x21}, {0x8000, 0x21}};
    for (int[] each : cases) {
      assertNull(request(CARD, each[0]));
      int record = vtd.read(FSTS) >> 8 & 0xff;
      assertEquals(each[1], vtd.reason(record), () -> "entry " + each[0]);
      assertEquals((long) each[0] << 48, vtd.readLong(FRCD + 16 * record));
      vtd.forgetFaults();
    }
    assertNull(vtd.unit.remap(CARD, 0xfee00018L, 0x10000));
    assertEquals(0x20, vtd.reason(vtd.read(FSTS) >> 8 & 0xff));
    vtd.forgetFaults();
    entry(7, 2, 0);
    assertNull(request(CARD, 7));
    assertEquals(0, vtd.read(FSTS), "the entry keeps its faults to itself");
  }

  @Test
  void theCompatibilityFormatNeedsLeave() {
    vtd.remapping(0);
    assertNull(vtd.unit.remap(CARD, 0xfee03000L, 0x45));
    assertEquals(0x25, vtd.reason(0));
    vtd.command(CFI);
    assertEquals(fixed(3, 0x45), vtd.unit.remap(CARD, 0xfee03000L, 0x45));
    vtd.remapping(EIME);
    assertNull(vtd.unit.remap(CARD, 0xfee03000L, 0x45), "never with extended destinations");
  }
}
