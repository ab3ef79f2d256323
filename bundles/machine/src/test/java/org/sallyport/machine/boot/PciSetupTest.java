package org.sallyport.machine.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.machine.bus.Claim;
import org.sallyport.machine.bus.PortBus;

/** What functions find in their registers, against the PCI specification. */
class PciSetupTest {
  /**
   * Functions by their place; a register that is not there reads 0, and of others the bits of the mask can be written.
   */
  private static final class Bus implements PortIo {
    final Map<Integer, int[]> values = new TreeMap<>();
    final Map<Integer, int[]> masks = new TreeMap<>();
    int address;

    int[] add(int at, int header, int pin) {
      int[] function = new int[64];
      function[0] = 0x1000_8086;
      function[3] = header << 16;
      function[15] = pin << 8;
      int[] mask = new int[64];
      mask[1] = 7;
      mask[15] = 0xff;
      values.put(at, function);
      masks.put(at, mask);
      return mask;
    }

    int read(int at, int register) {
      return values.get(at)[register / 4];
    }

    @Override
    public List<PortRange> portRanges() {
      return List.of();
    }

    @Override
    public int readPort(int port, int size) {
      int[] function = values.get(address >>> 8 & 0xff);
      return port != 0xcfc || function == null ? -1 : function[address >>> 2 & 63];
    }

    @Override
    public void writePort(int port, int size, int value) {
      int[] function = values.get(address >>> 8 & 0xff);
      if (port == 0xcf8) {
        address = value;
      } else if (function != null) {
        int register = address >>> 2 & 63;
        int mask = masks.get(address >>> 8 & 0xff)[register];
        function[register] = function[register] & ~mask | value & mask;
      }
    }
  }

  private final Bus bus = new Bus();

  private void run(long first, long last) {
    PortBus ports = new PortBus();
    ports.claims(List.of(new Claim<>("pci", 0xcf8, 0xcff, bus)), (one, two) -> {});
    PciSetup.run(ports, first, last);
  }

  @Test
  void rangesAreAlignedAndNextToEachOther() {
    int[] mask = bus.add(3 << 3, 0, 1);
    mask[4] = -0x1000;
    mask[5] = -0x100000;
    bus.values.get(3 << 3)[6] = 4; // 64 bits
    mask[6] = -0x4000;
    mask[7] = -1;
    bus.values.get(3 << 3)[8] = 1; // ports
    mask[8] = 0xffe0;
    int[] other = bus.add(4 << 3, 0, 2);
    other[4] = -0x2000;
    run(0xc0000000L, 0xfebfffffL);
    assertEquals(0xc0000000, bus.read(3 << 3, 0x10));
    assertEquals(0xc0100000, bus.read(3 << 3, 0x14));
    assertEquals(0xc0200004, bus.read(3 << 3, 0x18));
    assertEquals(0, bus.read(3 << 3, 0x1c));
    assertEquals(0xc001, bus.read(3 << 3, 0x20));
    assertEquals(3, bus.read(3 << 3, 4), "ports and memory");
    assertEquals(1 << 8 | 19, bus.read(3 << 3, 0x3c));
    assertEquals(0xc0204000, bus.read(4 << 3, 0x10));
    assertEquals(2, bus.read(4 << 3, 4));
    assertEquals(2 << 8 | 17, bus.read(4 << 3, 0x3c));
    assertEquals(0, bus.address, "the configuration ports are off");
  }

  @Test
  void aFunctionForWhichThereIsNoRoomStaysOff() {
    bus.add(1 << 3, 0, 0)[4] = -0x1000000;
    bus.add(2 << 3, 0, 0)[4] = -0x1000;
    run(0xfe000000L, 0xfebfffffL);
    assertEquals(0, bus.read(1 << 3, 0x10));
    assertEquals(0, bus.read(1 << 3, 4));
    assertEquals(0, bus.read(1 << 3, 0x3c));
    assertEquals(0xfe000000, bus.read(2 << 3, 0x10));
    assertEquals(2, bus.read(2 << 3, 4));
  }

  @Test
  void onlyWhatSaysSoHasSeveralFunctions() {
    bus.add(1 << 3, 0x80, 0)[4] = -0x1000;
    bus.add(1 << 3 | 5, 0, 0)[4] = -0x1000;
    bus.add(2 << 3, 0, 0)[4] = -0x1000;
    bus.add(2 << 3 | 1, 0, 0)[4] = -0x1000;
    bus.add(3 << 3, 1, 0)[4] = -0x1000;
    run(0xc0000000L, 0xfebfffffL);
    assertEquals(0xc0001000, bus.read(1 << 3 | 5, 0x10));
    assertEquals(0xc0002000, bus.read(2 << 3, 0x10));
    assertEquals(0, bus.read(2 << 3 | 1, 0x10));
    assertEquals(0, bus.read(3 << 3, 0x10), "a bridge");
  }
}
