package org.sallyport.loaders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.device.AcpiBlocks;
import org.sallyport.api.device.Iommu;
import org.sallyport.api.loader.BootSource;
import org.sallyport.api.loader.GuestLoader;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.loader.Platform.LegacyDevice;
import org.sallyport.api.loader.Platform.MemoryRegion;

/** Machines to load guests into, and what the tests of all loaders ask of them. */
public final class Bench {
  public static final int MIB = 1 << 20;
  public static final VcpuState POWER_ON = VcpuState.powerOn(0x306c1, VcpuState.Activity.ACTIVE);
  public static final AcpiBlocks.Blocks ACPI =
      new AcpiBlocks.Blocks(0x600, 0x604, 0x608, 0x620, 0xb2, 0xa0, 0xa1, 9, 0xcf9, 6, 5, 1);

  private Bench() {}

  /** A PC with everything, and this much RAM (below 3 GiB). */
  public static Platform pc(int cpus, int ram) {
    return new Platform(cpus, map(ram), Optional.of(0xfee00000L), Optional.of(0xfec00000L), 1, Optional.of(ACPI), true,
        0xe0000000L,
        0xfebfffffL, List.of(new LegacyDevice("PNP0501", 0x3f8, 8, 4), new LegacyDevice("PNP0501", 0x2f8, 8, 3),
            new LegacyDevice("PNP0B00", 0x70, 2, 8), new LegacyDevice("PNP0303", 0x60, 5, 1),
            new LegacyDevice("PNP0100", 0x40, 4, 0)));
  }

  /** The same machine with a unit that remaps DMA and interrupts. */
  public static Platform withIommu(Platform pc) {
    return new Platform(pc.cpus(), pc.memoryMap(), pc.localApicBase(), pc.ioApicBase(), pc.ioApicId(), pc.acpi(),
        pc.pci(), pc.pciWindowFirst(), pc.pciWindowLast(), pc.legacyDevices(),
        Optional.of(new Iommu.Facts(0xfed90000L, 48, true)));
  }

  public static List<MemoryRegion> map(int ram) {
    return List.of(new MemoryRegion(0, 0x9fc00, MemoryRegion.USABLE),
        new MemoryRegion(0x9fc00, 0x400, MemoryRegion.RESERVED),
        new MemoryRegion(0xe0000, 0x20000, MemoryRegion.RESERVED),
        new MemoryRegion(0x100000, ram - MIB, MemoryRegion.USABLE));
  }

  static Path file(Path folder, String name, byte[] content) {
    try {
      return Files.write(folder.resolve(name), content);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static BootSource kernel(Path kernel, String append) {
    return BootSource.ofKernel(kernel, Optional.empty(), append);
  }

  /** Loads and expects one line that begins with the file's path and contains the words. */
  static void assertRefused(GuestLoader loader, BootSource source, ArrayMemory memory, Path named, String... words) {
    LoadException e = assertThrows(LoadException.class,
        () -> loader.load(source, pc(1, (int) memory.ramSize()), memory, POWER_ON));
    assertTrue(e.getMessage().startsWith(named + ": "), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), () -> "\"" + word + "\" is not in: " + e.getMessage());
    }
  }

  /** Flat 4 GiB segments in protected mode without paging, the GDT in memory saying the same, interrupts off. */
  static void assertFlat32(VcpuState state, ArrayMemory memory) {
    assertEquals(1, state.cr0() & 0x8000_0001L);
    assertEquals(0, state.efer());
    assertEquals(0, state.rflags() & 0x0002_0200);
    for (int i = 0; i < 6; i++) {
      assertEquals(0, state.segments().get(i).base());
      assertEquals(-1, state.segments().get(i).limit());
      assertEquals(i == 1 ? 0xc09b : 0xc093, state.segments().get(i).access());
    }
    assertDescriptor(state, state.cs().selector(), 0x00cf9b000000ffffL, memory);
    assertDescriptor(state, state.ds().selector(), 0x00cf93000000ffffL, memory);
  }

  static void assertDescriptor(VcpuState state, int selector, long descriptor, ArrayMemory memory) {
    assertTrue(selector + 7 <= state.gdtr().limit());
    assertEquals(descriptor, memory.read(state.gdtr().base() + selector, 8));
  }
}
