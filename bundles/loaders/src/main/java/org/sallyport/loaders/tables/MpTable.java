package org.sallyport.loaders.tables;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.sallyport.api.loader.Platform;

/**
 * The tables of the MultiProcessor Specification 1.4 (chapter 4): the floating pointer and, right behind it, the
 * configuration table with processors, buses, the IO APIC and what interrupt goes where. The machine starts in virtual
 * wire mode.
 */
final class MpTable {
  // @formatter:off
  static final int POINTER_SIZE     = 16;
  static final int HEADER_SIZE      = 44;
  static final int SPEC_REVISION    = 4;

  static final int PROCESSOR        = 0;
  static final int BUS              = 1;
  static final int IO_APIC          = 2;
  static final int IO_INTERRUPT     = 3;
  static final int LOCAL_INTERRUPT  = 4;

  static final int INT              = 0;
  static final int NMI              = 1;
  static final int EXT_INT          = 3;

  static final int BUS_PCI          = 0;
  static final int BUS_ISA          = 1;

  private static final int ENABLED           = 1;
  private static final int BOOTSTRAP         = 1 << 1;
  private static final int LOCAL_APIC_VERSION = 0x14;
  private static final int IO_APIC_VERSION   = 0x11;
  /** Family 6, and the two features that every processor with such a table has; the rest is CPUID's to tell. */
  private static final int CPU_SIGNATURE     = 0x600;
  private static final int CPU_FPU_AND_APIC  = 1 | 1 << 9;
  private static final int ALL_LOCAL_APICS   = 0xff;
  private static final int CONFORMS          = 0;
  // @formatter:on

  private final Platform platform;
  private final ByteArrayOutputStream entries = new ByteArrayOutputStream();
  private int count;

  private MpTable(Platform platform) {
    this.platform = platform;
  }

  /** Both tables as one block, to be written to {@code base}, a multiple of 16. */
  static byte[] build(Platform platform, long base) {
    MpTable table = new MpTable(platform);
    table.addProcessors();
    table.addBuses();
    table.addIoApic();
    table.addIoInterrupts();
    table.addLocalInterrupts();
    byte[] configuration = table.configuration();

    ByteBuffer block = ByteBuffer.allocate(POINTER_SIZE + configuration.length).order(ByteOrder.LITTLE_ENDIAN);
    block.put(ascii("_MP_")).putInt((int) base + POINTER_SIZE).put((byte) 1).put((byte) SPEC_REVISION);
    Checksum.set(block.array(), 0, POINTER_SIZE, 10);
    block.put(POINTER_SIZE, configuration);
    return block.array();
  }

  private byte[] configuration() {
    int length = HEADER_SIZE + entries.size();
    ByteBuffer table = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    table.put(ascii("PCMP")).putShort((short) length).put((byte) SPEC_REVISION).put((byte) 0);
    table.put(ascii("SALLYPRT")).put(ascii("SALLYPORT PC")).putInt(0).putShort((short) 0);
    table.putShort((short) count).putInt(platform.localApicBase().orElseThrow().intValue());
    table.put(HEADER_SIZE, entries.toByteArray());
    Checksum.set(table.array(), 0, length, 7);
    return table.array();
  }

  private void addProcessors() {
    for (int cpu = 0; cpu < platform.cpus(); cpu++) {
      add(buffer(20, PROCESSOR).put((byte) cpu).put((byte) LOCAL_APIC_VERSION)
          .put((byte) (cpu == 0 ? ENABLED | BOOTSTRAP : ENABLED)).putInt(CPU_SIGNATURE).putInt(CPU_FPU_AND_APIC));
    }
  }

  private void addBuses() {
    if (platform.pci()) {
      add(buffer(8, BUS).put((byte) BUS_PCI).put(ascii("PCI   ")));
    }
    add(buffer(8, BUS).put((byte) BUS_ISA).put(ascii("ISA   ")));
  }

  private void addIoApic() {
    add(buffer(8, IO_APIC).put((byte) platform.ioApicId()).put((byte) IO_APIC_VERSION).put((byte) ENABLED)
        .putInt(platform.ioApicBase().orElseThrow().intValue()));
  }

  private void addIoInterrupts() {
    int sci = platform.acpi().isPresent() ? platform.acpi().get().sciIrq() : -1;
    for (int irq = 0; irq < IrqRouting.ISA_IRQS; irq++) {
      if (irq != IrqRouting.CASCADE_IRQ) {
        interrupt(IO_INTERRUPT, INT, irq == sci ? IrqRouting.LEVEL_LOW : CONFORMS, BUS_ISA, irq, platform.ioApicId(),
            irq == IrqRouting.TIMER_IRQ ? IrqRouting.TIMER_GSI : irq);
      }
    }
    if (platform.pci()) {
      for (int slot = 0; slot < IrqRouting.PCI_SLOTS; slot++) {
        for (int pin = 0; pin < IrqRouting.PCI_PINS; pin++) {
          interrupt(IO_INTERRUPT, INT, IrqRouting.LEVEL_LOW, BUS_PCI, slot << 2 | pin, platform.ioApicId(),
              IrqRouting.pciGsi(platform, slot, pin));
        }
      }
    }
  }

  /** LINT0 of the bootstrap processor has the PIC, LINT1 of all processors the NMI. */
  private void addLocalInterrupts() {
    interrupt(LOCAL_INTERRUPT, EXT_INT, CONFORMS, BUS_ISA, 0, 0, 0);
    interrupt(LOCAL_INTERRUPT, NMI, CONFORMS, BUS_ISA, 0, ALL_LOCAL_APICS, 1);
  }

  private void interrupt(int entry, int type, int flags, int bus, int irq, int apic, int pin) {
    add(buffer(8, entry).put((byte) type).putShort((short) flags).put((byte) bus).put((byte) irq).put((byte) apic)
        .put((byte) pin));
  }

  private void add(ByteBuffer entry) {
    entries.writeBytes(entry.array());
    count++;
  }

  private static ByteBuffer buffer(int length, int type) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN).put((byte) type);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
