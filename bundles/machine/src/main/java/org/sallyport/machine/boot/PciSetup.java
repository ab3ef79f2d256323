package org.sallyport.machine.boot;

import org.sallyport.api.device.PciConnection;
import org.sallyport.machine.bus.PortBus;
import org.sallyport.machine.memory.PcMemory;

/**
 * What a PC's firmware does for the functions on PCI bus 0 (PCI Local Bus Specification 3.0, sections 6.2.2, 6.2.4 and
 * 6.2.5): gives each base address register a range, writes into the interrupt line register which input of the IO APIC
 * its pin leads to, and lets it answer. Through the configuration ports, as firmware does.
 */
public final class PciSetup {
  // @formatter:off
  private static final int CONFIG_ADDRESS  = 0xcf8;
  private static final int CONFIG_DATA     = 0xcfc;
  private static final int ENABLE          = 1 << 31;

  private static final int VENDOR_ID       = 0x00;
  private static final int COMMAND         = 0x04;
  private static final int HEADER_TYPE     = 0x0c;   // in bits 23:16
  private static final int BAR0            = 0x10;
  private static final int INTERRUPT       = 0x3c;   // line 7:0, pin 15:8

  private static final int IO_SPACE        = 1;
  private static final int MEMORY_SPACE    = 1 << 1;
  private static final int MULTI_FUNCTION  = 1 << 23;
  private static final int TYPE            = 0x7f << 16;
  private static final int BARS            = 6;
  private static final int BAR_IO          = 1;
  private static final int BAR_64          = 1 << 2;

  private static final int FIRST_IO        = 0xc000;
  private static final int IO_END          = 0x10000;
  // @formatter:on

  private final PortBus ports;
  private final long memoryLast;
  private long nextMemory;
  private int nextIo = FIRST_IO;

  private PciSetup(PortBus ports, long memoryFirst, long memoryLast) {
    this.ports = ports;
    this.memoryLast = memoryLast;
    nextMemory = memoryFirst;
  }

  /** Sets up all functions of a PC. Under the device lock. */
  public static void run(PortBus ports) {
    run(ports, PcMemory.LOW_TOP, PlatformFacts.PCI_LAST);
  }

  /**
   * Sets up all functions. Where there is no room, a function's register stays 0 and the function does not answer.
   *
   * @param memoryFirst first address of the window for PCI devices
   * @param memoryLast its last address
   */
  static void run(PortBus ports, long memoryFirst, long memoryLast) {
    PciSetup setup = new PciSetup(ports, memoryFirst, memoryLast);
    for (int device = 0; device < 32; device++) {
      int functions = 1;
      for (int function = 0; function < functions; function++) {
        int at = device << 3 | function;
        if ((setup.read(at, VENDOR_ID) & 0xffff) != 0xffff) {
          int header = setup.read(at, HEADER_TYPE);
          functions = function == 0 && (header & MULTI_FUNCTION) != 0 ? 8 : functions;
          if ((header & TYPE) == 0) {
            setup.function(at);
          }
        }
      }
    }
    ports.write(CONFIG_ADDRESS, 4, 0);
  }

  private void function(int at) {
    int enable = 0;
    boolean room = true;
    for (int bar = 0; bar < BARS; bar++) {
      int register = BAR0 + 4 * bar;
      write(at, register, -1);
      int found = read(at, register);
      write(at, register, 0);
      if (found == 0) {
        continue;
      }
      if ((found & BAR_IO) != 0) {
        int size = -(found & 0xfffc | 0xffff0000);
        int base = nextIo + size - 1 & -size;
        room &= base + size <= IO_END;
        if (base + size <= IO_END) {
          write(at, register, base);
          nextIo = base + size;
        }
        enable |= IO_SPACE;
      } else {
        long size = Integer.toUnsignedLong(-(found & ~0xf));
        long base = nextMemory + size - 1 & -size;
        boolean fits = size > 0 && base + size - 1 <= memoryLast;
        room &= fits;
        if (fits) {
          write(at, register, (int) base);
          nextMemory = base + size;
        }
        enable |= MEMORY_SPACE;
        bar += (found & BAR_64) != 0 ? 1 : 0; // its upper half stays 0
      }
    }
    int interrupt = read(at, INTERRUPT);
    int pin = interrupt >>> 8 & 0xff;
    if (pin >= 1 && pin <= PciConnection.PINS) {
      write(at, INTERRUPT, interrupt & ~0xff | PciConnection.gsi(at >> 3, pin - 1));
    }
    if (room && enable != 0) {
      write(at, COMMAND, read(at, COMMAND) & 0xffff | enable);
    }
  }

  private int read(int at, int register) {
    ports.write(CONFIG_ADDRESS, 4, ENABLE | at << 8 | register);
    return ports.read(CONFIG_DATA, 4);
  }

  private void write(int at, int register, int value) {
    ports.write(CONFIG_ADDRESS, 4, ENABLE | at << 8 | register);
    ports.write(CONFIG_DATA, 4, value);
  }
}
