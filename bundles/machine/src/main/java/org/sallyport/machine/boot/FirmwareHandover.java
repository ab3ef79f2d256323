package org.sallyport.machine.boot;

import org.sallyport.api.cpu.SegmentState;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuState.Activity;
import org.sallyport.api.cpu.VcpuStateBuilder;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.machine.bus.PortBus;
import org.sallyport.machine.model.CpuModel;

/**
 * The state in which a PC's firmware hands the machine over, for guests that are loaded without one: the PICs know
 * their vectors, the timer ticks 18.2 times a second, and its interrupt comes through the bootstrap processor's local
 * APIC, as a virtual wire (MultiProcessor Specification 1.4, section 3.6.2.2). Under the device lock.
 */
public final class FirmwareHandover {
  // @formatter:off
  private static final int[][] PORTS = {
    // 8259A: ICW1 to ICW4; vectors 08h and 70h, cascade on input 2, 8086 mode; then the masks: timer and cascade are on
    {0x20, 0x11}, {0x21, 0x08}, {0x21, 0x04}, {0x21, 0x01}, {0x21, 0xfa},
    {0xa0, 0x11}, {0xa1, 0x70}, {0xa1, 0x02}, {0xa1, 0x01}, {0xa1, 0xff},
    // 8254: counter 0, both bytes, mode 3, the longest period
    {0x43, 0x36}, {0x40, 0x00}, {0x40, 0x00},
  };

  private static final long APIC_SVR   = 0xf0;
  private static final long APIC_LINT0 = 0x350;
  private static final long APIC_LINT1 = 0x360;
  private static final int SVR_ENABLED = 0x1ff;
  private static final int LVT_EXTINT  = 0x700;
  private static final int LVT_NMI     = 0x400;

  private static final int CS          = 1;
  private static final int REAL_CODE   = 0x9b;
  // @formatter:on

  private FirmwareHandover() {}

  /** Programs the chips. */
  public static void program(PortBus ports, LocalApic bootstrap) {
    for (int[] write : PORTS) {
      ports.write(write[0], 1, write[1]);
    }
    bootstrap.memoryIo().ifPresent(registers -> {
      registers.writeMemory(bootstrap.base() + APIC_SVR, 4, SVR_ENABLED);
      registers.writeMemory(bootstrap.base() + APIC_LINT0, 4, LVT_EXTINT);
      registers.writeMemory(bootstrap.base() + APIC_LINT1, 4, LVT_NMI);
    });
  }

  /** The bootstrap processor at the guest's waking vector (ACPI specification 6.4, section 5.2.10): in real mode. */
  public static VcpuState awake(long vector) {
    VcpuStateBuilder state = new VcpuStateBuilder(VcpuState.powerOn(CpuModel.SIGNATURE, Activity.ACTIVE));
    state.segments.set(CS, new SegmentState((int) (vector >> 4), vector & ~0xfL, 0xffff, REAL_CODE));
    state.rip = vector & 0xf;
    return state.build();
  }
}
