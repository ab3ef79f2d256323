package org.sallyport.device.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.PciFunction;
import org.sallyport.api.device.ResetKind;
import org.sallyport.device.bench.Bench;
import org.sallyport.device.bench.RandomUse;
import org.sallyport.device.bench.States;

class PciHostTest {
  private final Bench bench = new Bench();
  private PciHost host;

  @BeforeEach
  void make() {
    host = (PciHost) bench.make(new PciComponent());
  }

  private int config(int deviceFunction, int register) {
    bench.out(0xcf8, 4, 1 << 31 | deviceFunction << 8 | register & 0xfc);
    return bench.in(0xcfc, 4);
  }

  @Test
  void hostBridgeIsAtSlotZero() {
    assertEquals(0x12378086, config(0, 0));
    assertEquals(0x060000, config(0, 8) >>> 8);
    config(0, 0);
    assertEquals(0x8086, bench.in(0xcfc, 2));
  }

  @Test
  void smallerAccessesReachTheirBytes() {
    config(0, 0);
    assertEquals(0x1237, bench.in(0xcfe, 2));
    assertEquals(0x80, bench.in(0xcfd, 1));
    bench.out(0xcf8, 4, 1 << 31 | 0x50);
    bench.out(0xcfe, 1, 0xab);
    assertEquals(0x00ab0000, bench.in(0xcfc, 4));
  }

  @Test
  void theAddressMayNameTheByte() {
    bench.out(0xcf8, 4, 1 << 31 | 0x02);
    assertEquals(0x1237, bench.in(0xcfc, 2));
    assertEquals(1 << 31, bench.in(0xcf8, 4), "but it does not read so");
    bench.out(0xcf8, 4, 1 << 31 | 0x01);
    assertEquals(0x80, bench.in(0xcfc, 1));
    assertEquals(0x12378086, bench.in(0xcfc, 4), "there is nothing to reach behind the register");
  }

  @Test
  void theSubsystemSaysThatItIsAVirtualMachine() {
    assertEquals(0x1100_1af4, config(0, 0x2c));
    bench.out(0xcfc, 4, -1);
    assertEquals(0x1100_1af4, bench.in(0xcfc, 4));
  }

  @Test
  void memoryAttributesShadowTheFirmware() {
    bench.out(0xcf8, 4, 1 << 31 | 0x58);
    bench.out(0xcfd, 1, 0x10);
    assertEquals(List.of("shadow 0xf0000+0x10000 r-"), asked());
    bench.out(0xcfd, 1, 0x30);
    assertEquals(List.of("shadow 0xf0000+0x10000 rw"), asked());
    bench.out(0xcfd, 1, 0x3f);
    assertEquals(List.of(), asked(), "the low nibble of PAM0 is reserved");
    bench.out(0xcfe, 1, 0x12);
    assertEquals(List.of("shadow 0xc0000+0x4000 -w", "shadow 0xc4000+0x4000 r-"), asked());
    bench.out(0xcfe, 1, 0xde);
    assertEquals(List.of(), asked(), "only RE and WE of a nibble count");
    bench.out(0xcf8, 4, 1 << 31 | 0x5c);
    bench.out(0xcfc, 4, 0x03_30_00_00);
    assertEquals(List.of("shadow 0xe4000+0x4000 rw", "shadow 0xe8000+0x4000 rw"), asked());
    assertEquals(0x03_30_00_00, bench.in(0xcfc, 4));
    bench.out(0xcfc, 4, 0x33_30_00_00);
    assertEquals(List.of("shadow 0xec000+0x4000 rw"), asked());
  }

  @Test
  void aResetTakesTheShadowAway() {
    bench.out(0xcf8, 4, 1 << 31 | 0x58);
    bench.out(0xcfd, 1, 0x30);
    asked();
    host.reset(ResetKind.RESET);
    assertEquals(List.of("shadow 0xf0000+0x10000 --"), asked());
    assertEquals(0, config(0, 0x58));
    host.reset(ResetKind.RESET);
    assertEquals(List.of(), asked());
  }

  @Test
  void aRestoredBridgeShadowsAsItsStateSays() throws InvalidState {
    bench.out(0xcf8, 4, 1 << 31 | 0x5c);
    bench.out(0xcfc, 4, 0x11_00_00_00);
    Bench other = new Bench();
    States.copy(host, other.make(new PciComponent()));
    assertEquals(List.of("shadow 0xe8000+0x4000 r-", "shadow 0xec000+0x4000 r-"), other.control().asked());
  }

  private List<String> asked() {
    List<String> asked = List.copyOf(bench.control().asked());
    bench.control().asked().clear();
    return asked;
  }

  @Test
  void absentFunctionsAndDisabledAccessReadAllOnes() {
    assertEquals(-1, config(0x08, 0));
    bench.out(0xcf8, 4, 1 << 31 | 1 << 16);
    assertEquals(-1, bench.in(0xcfc, 4));
    bench.out(0xcf8, 4, 0);
    assertEquals(-1, bench.in(0xcfc, 4));
  }

  @Test
  void addressTakesDwordsOnly() {
    bench.out(0xcf8, 4, 0x80000010);
    bench.out(0xcf8, 1, 0x55);
    bench.out(0xcfa, 2, 0x5555);
    assertEquals(0x80000010, bench.in(0xcf8, 4));
  }

  @Test
  void resetControl() {
    bench.out(0xcf9, 1, 2);
    assertEquals(List.of(), bench.control().asked());
    bench.out(0xcf9, 1, 6);
    assertEquals(1, bench.control().asked().size());
    assertEquals(2, bench.in(0xcf9, 1));
  }

  @Test
  void functionsComeAndGo() throws DeviceException {
    PciFunction card = new PciFunction() {
      @Override
      public int deviceFunction() {
        return 3 << 3;
      }

      @Override
      public int readConfig(int offset, int size) {
        return 0x1000 + offset;
      }

      @Override
      public void writeConfig(int offset, int size, int value) {}
    };
    host.attach(card);
    assertEquals(0x1004, config(3 << 3, 4));
    assertThrows(DeviceException.class, () -> host.attach(card));
    host.detach(card);
    assertEquals(-1, config(3 << 3, 4));
  }

  @Test
  void randomUse() {
    RandomUse.run(new PciComponent(), 20_000);
  }
}
