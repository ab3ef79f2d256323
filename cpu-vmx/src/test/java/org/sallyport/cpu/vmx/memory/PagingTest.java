package org.sallyport.cpu.vmx.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** The paging modes, rights, error codes and accessed and dirty bits (SDM volume 3, chapter "Paging"). */
class PagingTest {
  // @formatter:off
  private static final long P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100, NX = 1L << 63;
  // @formatter:on

  private static final long ROOT = 0x1000;
  private static final long DATA = 0x20000;
  private static final long LINEAR = 0x40_0000L;
  private static final long ALL = P | RW | US;

  private final MemorySegment ram = Arena.ofAuto().allocate(1 << 20, 4096);
  private Cpu cpu;

  @BeforeEach
  void make() {
    GuestSlots slots = new GuestSlots();
    slots.map(new MemorySlot("ram", 0, ram, false));
    cpu = new Cpu(0, slots, System::nanoTime, 1_000_000_000L);
    cpu.cr3 = ROOT;
    ram.set(ValueLayout.JAVA_BYTE, DATA, (byte) 0x5a);
  }

  private void mode(long cr0, long cr4, long efer, int cpl) {
    cpu.cr0 = Flag.CR0_PE | Flag.CR0_PG | cr0;
    cpu.cr4 = cr4;
    cpu.efer = efer;
    cpu.seg[Segment.CS].set(8, 0, 0xffffffffL, (efer & Flag.EFER_LMA) != 0 ? 0xa09b : 0xc09b);
    cpu.cpl = cpl;
    cpu.flushTlb();
    cpu.modeChanged();
  }

  private void mode64(long cr0, long cr4, int cpl) {
    mode(cr0, Flag.CR4_PAE | cr4, Flag.EFER_LME | Flag.EFER_LMA | Flag.EFER_NXE, cpl);
  }

  private void put(long at, long value) {
    ram.set(ValueLayout.JAVA_LONG, at, value);
  }

  private long get(long at) {
    return ram.get(ValueLayout.JAVA_LONG, at);
  }

  /** LINEAR (4 MiB) through four levels to DATA, the last entry being {@code leaf}. */
  private void fourLevels(long leaf) {
    put(0x1000, 0x2000 | ALL);
    put(0x2000, 0x3000 | ALL);
    put(0x3000 + 8 * 2, 0x4000 | ALL);
    put(0x4000, leaf);
    cpu.flushTlb();
  }

  private int pageFault(Runnable access) {
    GuestFault fault = assertThrows(GuestFault.class, access::run);
    assertEquals(Vector.PF, fault.vector);
    return fault.errorCode;
  }

  @Test
  void fourLevelPaging() {
    mode64(0, 0, 0);
    fourLevels(DATA | ALL);
    assertEquals(0x5a, cpu.read8(LINEAR));
    assertEquals(DATA | ALL | A, get(0x4000), "accessed");
    cpu.write8(LINEAR + 1, 7);
    assertEquals(DATA | ALL | A | D, get(0x4000), "dirty");
    assertEquals(A, get(0x1000) & (A | D), "tables are accessed, not dirty");
    assertEquals(7, ram.get(ValueLayout.JAVA_BYTE, DATA + 1));
  }

  @Test
  void absentPagesSayWhoWantedWhat() {
    mode64(0, 0, 0);
    fourLevels(0);
    assertEquals(0, pageFault(() -> cpu.read8(LINEAR)));
    assertEquals(2, pageFault(() -> cpu.write8(LINEAR, 1)));
    assertEquals(16, pageFault(() -> cpu.translateFetch(LINEAR)));
    assertEquals(LINEAR, cpu.pageFaultAddress);
    mode64(0, 0, 3);
    assertEquals(4, pageFault(() -> cpu.read8(LINEAR)));
  }

  @Test
  void supervisorPagesAreClosedToTheUser() {
    mode64(0, 0, 3);
    fourLevels(DATA | P | RW);
    assertEquals(5, pageFault(() -> cpu.read8(LINEAR)));
    assertEquals(DATA | P | RW, get(0x4000), "a fault sets no accessed bit");
  }

  @Test
  void writeProtection() {
    mode64(0, 0, 0);
    fourLevels(DATA | P | US);
    cpu.write8(LINEAR, 1); // CR0.WP is off: the supervisor may
    mode64(Flag.CR0_WP, 0, 0);
    assertEquals(3, pageFault(() -> cpu.write8(LINEAR, 1)));
    mode64(0, 0, 3);
    assertEquals(7, pageFault(() -> cpu.write8(LINEAR, 1)));
  }

  @Test
  void tablesInRomStayAsTheyAre() {
    MemorySegment rom = Arena.ofAuto().allocate(4096, 4096);
    rom.set(ValueLayout.JAVA_LONG, 0, DATA | ALL);
    cpu.slots.map(new MemorySlot("rom", 1 << 20, rom, true));
    mode64(0, 0, 0);
    fourLevels(DATA | ALL);
    put(0x3000 + 8 * 2, 1 << 20 | ALL);
    cpu.flushTlb();
    cpu.write8(LINEAR, 7);
    assertEquals(7, ram.get(ValueLayout.JAVA_BYTE, DATA));
    assertEquals(DATA | ALL, rom.get(ValueLayout.JAVA_LONG, 0), "neither accessed nor dirty");
    assertEquals(1 << 20 | ALL | A, get(0x3000 + 8 * 2), "the table above it is in RAM");
  }

  @Test
  void noExecute() {
    mode64(0, 0, 0);
    fourLevels(DATA | ALL | NX);
    assertEquals(0x5a, cpu.read8(LINEAR));
    assertEquals(17, pageFault(() -> cpu.translateFetch(LINEAR)));
    mode(0, Flag.CR4_PAE, Flag.EFER_LME | Flag.EFER_LMA, 0);
    assertEquals(9, pageFault(() -> cpu.read8(LINEAR)), "without EFER.NXE the bit is reserved");
  }

  @Test
  void reservedBits() {
    mode64(0, 0, 0);
    fourLevels(DATA | ALL | 1L << 45);
    assertEquals(9, pageFault(() -> cpu.read8(LINEAR)));
  }

  @Test
  void smepAndSmap() {
    mode64(0, Flag.CR4_SMEP, 0);
    fourLevels(DATA | ALL);
    assertEquals(17, pageFault(() -> cpu.translateFetch(LINEAR)));
    mode64(0, Flag.CR4_SMAP, 0);
    assertEquals(1, pageFault(() -> cpu.read8(LINEAR)));
    cpu.setFlags(Flag.AC, Flag.AC);
    assertEquals(0x5a, cpu.read8(LINEAR), "AC lets it");
    assertEquals(1, pageFault(() -> cpu.readSystem(LINEAR, 8)), "but not implicit accesses");
    cpu.setFlags(0, Flag.AC);
    assertEquals(1, pageFault(() -> cpu.read8(LINEAR)));
  }

  @Test
  void largePages() {
    mode64(0, 0, 0);
    put(0x1000, 0x2000 | ALL);
    put(0x2000, 0x3000 | ALL);
    put(0x3000 + 8 * 2, ALL | PS);
    assertEquals(0x5a, cpu.read8(LINEAR + DATA));
    put(0x2000 + 8, ALL | PS);
    assertEquals(0x5a, cpu.read8(0x4000_0000L + DATA), "1 GiB");
    put(0x2000 + 8, ALL | PS | 1 << 20);
    cpu.flushTlb();
    assertEquals(9, pageFault(() -> cpu.read8(0x4000_0000L + DATA)), "not aligned");
    cpu.gigabytePages = false;
    put(0x2000 + 8, ALL | PS);
    cpu.flushTlb();
    assertEquals(9, pageFault(() -> cpu.read8(0x4000_0000L + DATA)), "where there are none");
  }

  @Test
  void addressesHaveToBeCanonical() {
    mode64(0, 0, 0);
    GuestFault fault = assertThrows(GuestFault.class, () -> cpu.read8(1L << 47));
    assertEquals(Vector.GP, fault.vector);
  }

  @Test
  void fiveLevelPaging() {
    mode64(0, Flag.CR4_LA57, 0);
    put(0x1000 + 8, 0x5000 | ALL);
    put(0x5000, 0x2000 | ALL);
    put(0x2000, 0x3000 | ALL);
    put(0x3000, 0x4000 | ALL);
    put(0x4000, DATA | ALL);
    assertEquals(0x5a, cpu.read8(1L << 48));
  }

  @Test
  void paePaging() {
    put(0x1000 + 8, 0x3000 | P);
    put(0x3000, 0x4000 | ALL);
    put(0x4000, DATA | ALL);
    mode(0, Flag.CR4_PAE, 0, 0);
    cpu.loadPdptes(ROOT);
    assertEquals(0x5a, cpu.read8(0x4000_0000L));
    assertEquals(0, pageFault(() -> cpu.read8(0)));
    put(0x1000, P | RW);
    assertEquals(Vector.GP, assertThrows(GuestFault.class, () -> cpu.loadPdptes(ROOT)).vector,
        "reserved bits of a PDPTE");
  }

  @Test
  void thirtyTwoBitPaging() {
    ram.set(ValueLayout.JAVA_INT, ROOT + 4, (int) (0x4000 | ALL));
    ram.set(ValueLayout.JAVA_INT, 0x4000, (int) (DATA | ALL));
    ram.set(ValueLayout.JAVA_INT, ROOT + 8, (int) (ALL | PS));
    mode(0, Flag.CR4_PSE, 0, 0);
    assertEquals(0x5a, cpu.read8(LINEAR));
    assertEquals((int) (DATA | ALL | A), ram.get(ValueLayout.JAVA_INT, 0x4000));
    assertEquals(0x5a, cpu.read8(0x80_0000L + DATA), "4 MiB page");
  }

  @Test
  void globalPagesSurviveALoadOfCr3() {
    mode64(0, Flag.CR4_PGE, 0);
    fourLevels(DATA | ALL | G);
    cpu.read8(LINEAR);
    put(0x4000, 0);
    cpu.flushTlbNonGlobal();
    assertEquals(0x5a, cpu.read8(LINEAR));
    cpu.flushPage(LINEAR);
    assertEquals(0, pageFault(() -> cpu.read8(LINEAR)));
    fourLevels(DATA | ALL);
    cpu.read8(LINEAR);
    put(0x4000, 0);
    cpu.flushTlbNonGlobal();
    assertEquals(0, pageFault(() -> cpu.read8(LINEAR)), "this one was not global");
  }

  @Test
  void accessesAcrossPages() {
    mode64(0, 0, 0);
    fourLevels(DATA | ALL);
    put(0x4008, DATA + 0x3000 | ALL);
    cpu.write64(LINEAR + 0xffd, 0x1122334455667788L);
    assertEquals(0x1122334455667788L, cpu.read64(LINEAR + 0xffd));
    assertEquals(0x55, ram.get(ValueLayout.JAVA_BYTE, DATA + 0x3000), "the fourth byte is on the second page");
    put(0x4008, 0);
    cpu.flushTlb();
    assertEquals(2, pageFault(() -> cpu.write64(LINEAR + 0xffd, 0)));
    assertEquals(LINEAR + 0x1000, cpu.pageFaultAddress);
    assertEquals(0x88, ram.get(ValueLayout.JAVA_BYTE, DATA + 0xffd) & 0xff, "nothing was written");
  }
}
