package org.sallyport.loaders.tables;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.sallyport.api.device.AcpiBlocks;
import org.sallyport.api.loader.Platform;

/** Multiple APIC Description Table (ACPI specification 6.4, section 5.2.12). */
final class Madt {
  // @formatter:off
  static final int REVISION        = 4;
  static final int FIXED_SIZE      = 44;
  static final int LOCAL_APIC_ADDR = 36;
  static final int FLAGS           = 40;
  static final int PCAT_COMPAT     = 1;

  static final int LOCAL_APIC      = 0;
  static final int IO_APIC         = 1;
  static final int OVERRIDE        = 2;
  static final int LOCAL_APIC_NMI  = 4;

  private static final int ENABLED         = 1;
  private static final int BUS_ISA         = 0;
  private static final int ALL_PROCESSORS  = 0xff;
  private static final int LINT1           = 1;
  // @formatter:on

  private final ByteArrayOutputStream structures = new ByteArrayOutputStream();

  private Madt() {}

  static byte[] build(Platform platform, AcpiBlocks.Blocks acpi) {
    Madt madt = new Madt();
    for (int cpu = 0; cpu < platform.cpus(); cpu++) {
      madt.add(buffer(8, LOCAL_APIC).put((byte) cpu).put((byte) cpu).putInt(ENABLED));
    }
    if (platform.ioApicBase().isPresent()) {
      madt.add(buffer(12, IO_APIC).put((byte) platform.ioApicId()).put((byte) 0)
          .putInt(platform.ioApicBase().get().intValue()).putInt(0));
      madt.override(IrqRouting.TIMER_IRQ, IrqRouting.TIMER_GSI, IrqRouting.EDGE_HIGH);
      madt.override(acpi.sciIrq(), acpi.sciIrq(), IrqRouting.LEVEL_LOW);
    }
    madt.add(buffer(6, LOCAL_APIC_NMI).put((byte) ALL_PROCESSORS).putShort((short) 0).put((byte) LINT1));

    AcpiTable table = new AcpiTable("APIC", REVISION, FIXED_SIZE + madt.structures.size());
    table.dword(LOCAL_APIC_ADDR, platform.localApicBase().orElseThrow());
    table.dword(FLAGS, PCAT_COMPAT);
    table.data(FIXED_SIZE, madt.structures.toByteArray());
    return table.finish();
  }

  private void override(int irq, int gsi, int flags) {
    add(buffer(10, OVERRIDE).put((byte) BUS_ISA).put((byte) irq).putInt(gsi).putShort((short) flags));
  }

  private void add(ByteBuffer structure) {
    structures.writeBytes(structure.array());
  }

  private static ByteBuffer buffer(int length, int type) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN).put((byte) type).put((byte) length);
  }
}
