package org.sallyport.loaders;

import java.util.Collections;
import java.util.OptionalLong;
import org.sallyport.api.cpu.SegmentState;
import org.sallyport.api.cpu.TableState;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuStateBuilder;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.memory.GuestMemory;

/**
 * The state in which the bootstrap processor enters a guest, and the tables below 640 KiB that this state needs.
 * Interrupts are off, the caches on, the general registers zero but for what the format says.
 */
final class EntryState {
  /** Selectors of the loaders' GDT: those that the Linux boot protocol asks for (__BOOT_CS, __BOOT_DS). */
  static final int CODE = 0x10;
  static final int DATA = 0x18;

  static final int RAX = 0;
  static final int RDX = 2;
  static final int RBX = 3;
  static final int RSP = 4;
  static final int RSI = 6;
  static final int RDI = 7;

  private static final int GDT_BYTES = 32;
  private static final int PAGE = 4096;

  // Segment descriptors (SDM volume 3, "Segment Descriptors") and the same as the VMCS shows them.
  // @formatter:off
  private static final long DESCRIPTOR_CODE32 = 0x00cf_9b00_0000_ffffL;
  private static final long DESCRIPTOR_CODE64 = 0x00af_9b00_0000_ffffL;
  private static final long DESCRIPTOR_DATA   = 0x00cf_9300_0000_ffffL;
  private static final SegmentState CODE32    = new SegmentState(CODE, 0, -1, 0xc09b);
  private static final SegmentState CODE64    = new SegmentState(CODE, 0, -1, 0xa09b);
  private static final SegmentState DATA32    = new SegmentState(DATA, 0, -1, 0xc093);
  private static final SegmentState CODE16    = new SegmentState(0, 0, 0xffff, 0x9b);
  private static final SegmentState DATA16    = new SegmentState(0, 0, 0xffff, 0x93);

  private static final long CR0_PE   = 1;
  private static final long CR0_ET   = 1 << 4;
  private static final long CR0_PG   = 1L << 31;
  private static final long CR4_PAE  = 1 << 5;
  private static final long EFER_LME = 1 << 8;
  private static final long EFER_LMA = 1 << 10;
  private static final long PTE_P    = 1;
  private static final long PTE_RW   = 1 << 1;
  private static final long PTE_PS   = 1 << 7;
  // @formatter:on

  private EntryState() {}

  /** Real mode at 0000:{@code offset}, stack below it. */
  static VcpuStateBuilder real(VcpuState powerOn, int offset) {
    VcpuStateBuilder state = common(powerOn, offset);
    state.flat(CODE16, DATA16);
    state.gpr.set(RSP, (long) offset);
    state.cr0 = CR0_ET;
    return state;
  }

  /** 32-bit protected mode without paging, flat segments of 4 GiB. */
  static VcpuStateBuilder protectedMode(VcpuState powerOn, long entry, ImageFile file, Placement placement,
      GuestMemory memory)
      throws LoadException {
    VcpuStateBuilder state = common(powerOn, entry);
    state.flat(CODE32, DATA32);
    state.gdtr = gdt(DESCRIPTOR_CODE32, file, placement, memory);
    state.cr0 = CR0_PE | CR0_ET;
    return state;
  }

  /** 64-bit mode; linear addresses below 4 GiB are physical ones, by 2 MiB pages. */
  static VcpuStateBuilder longMode(VcpuState powerOn, long entry, ImageFile file, Placement placement,
      GuestMemory memory)
      throws LoadException {
    VcpuStateBuilder state = common(powerOn, entry);
    state.flat(CODE64, DATA32);
    state.gdtr = gdt(DESCRIPTOR_CODE64, file, placement, memory);
    state.cr3 = identityMap(file, placement, memory);
    state.cr4 = CR4_PAE;
    state.efer = EFER_LME | EFER_LMA;
    state.cr0 = CR0_PE | CR0_ET | CR0_PG;
    return state;
  }

  /**
   * A place below 640 KiB, as high as possible: guests tend to use the lowest memory first, for starting further
   * processors.
   */
  static long low(Placement placement, long length, long alignment, String what, ImageFile file) throws LoadException {
    OptionalLong address = placement.takeHighest(Placement.BASE_MEMORY_END, length, alignment);
    if (address.isEmpty()) {
      throw new LoadException(
          "no room below 640 KiB for " + what + " (" + length + " bytes): the image fills it, link it above 1 MiB");
    }
    return address.getAsLong();
  }

  private static VcpuStateBuilder common(VcpuState powerOn, long entry) {
    VcpuStateBuilder state = new VcpuStateBuilder(powerOn);
    Collections.fill(state.gpr, 0L);
    state.rip = entry;
    state.rflags = 2;
    return state;
  }

  private static TableState gdt(long code, ImageFile file, Placement placement, GuestMemory memory)
      throws LoadException {
    long address = low(placement, GDT_BYTES, 16, "a GDT", file);
    memory.write(address, 8, 0);
    memory.write(address + 8, 8, 0);
    memory.write(address + CODE, 8, code);
    memory.write(address + DATA, 8, DESCRIPTOR_DATA);
    return new TableState(address, GDT_BYTES - 1);
  }

  /**
   * Four-level tables (SDM volume 3, "4-Level Paging"): a PML4, a page-directory-pointer table, four page directories.
   */
  private static long identityMap(ImageFile file, Placement placement, GuestMemory memory) throws LoadException {
    long pml4 = low(placement, 6 * PAGE, PAGE, "page tables", file);
    memory.write(pml4, new byte[2 * PAGE]);
    long pdpt = pml4 + PAGE;
    long directories = pdpt + PAGE;
    memory.write(pml4, 8, pdpt | PTE_P | PTE_RW);
    for (int i = 0; i < 4; i++) {
      memory.write(pdpt + 8 * i, 8, directories + (long) i * PAGE | PTE_P | PTE_RW);
    }
    for (int i = 0; i < 4 * 512; i++) {
      memory.write(directories + 8L * i, 8, (long) i << 21 | PTE_P | PTE_RW | PTE_PS);
    }
    return pml4;
  }
}
