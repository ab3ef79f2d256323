package org.sallyport.irqchip.lapic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.sallyport.irqchip.lapic.ApicRegisters.*;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;

/** Inter-processor interrupts: destinations, shorthands, delivery modes. */
class IpiTest {
  private static final int LOGICAL = 0x800;
  private static final int SELF = 1 << 18;
  private static final int ALL = 2 << 18;
  private static final int OTHERS = 3 << 18;

  private final ApicBench bench = new ApicBench(4, ApicBench.ALL).enabled();

  /** The APICs that have this vector in the IRR, as a mask; takes it out again. */
  private int receivers(int vector) {
    int mask = 0;
    for (int i = 0; i < bench.apics.length; i++) {
      if (bench.apics[i].pendingVector() == vector) {
        bench.apics[i].acknowledge();
        bench.write(i, EOI, 0);
        mask |= 1 << i;
      }
    }
    return mask;
  }

  private int send(int destination, int low) {
    bench.command(0, destination, low);
    return receivers(low & 0xff);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void physicalDestinations(boolean x2apic) {
    if (x2apic) {
      bench.x2apic();
    }
    for (int cpu = 0; cpu < 4; cpu++) {
      assertEquals(1 << cpu, send(cpu, 0x41));
    }
    assertEquals(0, send(4, 0x41));
    assertEquals(0b1111, send(x2apic ? -1 : 0xff, 0x41));
    assertEquals(x2apic ? 0 : 0b1111, send(0xff, 0x41), "0xFF is an ordinary identifier in x2APIC mode");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shorthands(boolean x2apic) {
    if (x2apic) {
      bench.x2apic();
    }
    assertEquals(0b0001, send(3, SELF | 0x41));
    assertEquals(0b1111, send(3, ALL | 0x41));
    assertEquals(0b1110, send(3, OTHERS | 0x41));
    bench.command(2, 0, OTHERS | 0x41);
    assertEquals(0b1011, receivers(0x41));
  }

  @Test
  void physicalDestinationsFollowTheWrittenIdentifier() {
    for (int id = 0; id < 0x100; id++) {
      bench.write(0, ID, id << 24);
      bench.write(1, ID, id << 24);
      bench.write(2, ID, 0xfe << 24);
      bench.write(3, ID, 0xfe << 24);
      int expected = id == 0xff ? 0b1111 : id == 0xfe ? 0b1111 : 0b0011;
      assertEquals(expected, send(id, 0xf1));
    }
  }

  @Test
  void logicalFlat() {
    for (int cpu = 0; cpu < 4; cpu++) {
      bench.write(cpu, LDR, 1 << 24 + cpu);
    }
    for (int destination = 0; destination < 0xff; destination++) {
      assertEquals(destination & 0xf, send(destination, LOGICAL | 0x41));
    }
    bench.write(0, LDR, 0);
    assertEquals(0b1111, send(0xff, LOGICAL | 0x41), "everybody, whatever its LDR");
  }

  @Test
  void logicalCluster() {
    for (int cpu = 0; cpu < 4; cpu++) {
      bench.write(cpu, DFR, 0x0fff_ffff);
      bench.write(cpu, LDR, (cpu < 2 ? 0x30 : 0xe0) + (1 << (cpu & 1)) << 24);
    }
    for (int destination = 0; destination < 0xff; destination++) {
      int expected = destination >> 4 == 3 ? destination & 3 : destination >> 4 == 0xe ? (destination & 3) << 2 : 0;
      assertEquals(expected, send(destination, LOGICAL | 0x41));
    }
    assertEquals(0b1111, send(0xff, LOGICAL | 0x41));
  }

  @Test
  void aDestinationFormatThatDoesNotExistMatchesNothing() {
    bench.write(1, LDR, 0x0200_0000);
    bench.write(1, DFR, 0x5fff_ffff);
    assertEquals(0, send(2, LOGICAL | 0x41));
  }

  @Test
  void logicalX2apic() {
    bench.x2apic();
    for (int destination = 0; destination < 0x10; destination++) {
      assertEquals(destination, send(destination, LOGICAL | 0x41));
    }
    assertEquals(0, send(0x0001_000f, LOGICAL | 0x41));
    assertEquals(0b1111, send(-1, LOGICAL | 0x41));
  }

  @Test
  void lowestPriority() {
    bench.apics[0].taskPriority(0x40);
    bench.apics[1].taskPriority(0x30);
    bench.apics[2].taskPriority(0x20);
    bench.apics[3].taskPriority(0x30);
    assertEquals(0b0100, send(0xff, 0x100 | 0x91));
    bench.write(2, SVR, 0xff);
    bench.apics[1].accept(ApicBench.fixed(0x61));
    assertEquals(0b1000, send(0xff, 0x100 | 0x91));
  }

  @Test
  void signals() {
    bench.command(0, 1, 0x400);
    bench.command(0, 1, 0x4400);
    bench.command(0, 1, 0x200);
    bench.command(0, 1, 0xc500);
    bench.command(0, 1, 0x8500); // INIT level de-assert
    bench.command(0, 1, 0x69a);
    assertEquals(List.of("nmi", "nmi", "smi", "init", "startup 154"), bench.processors[1].signals);
    bench.command(0, 0, OTHERS | 0x4500);
    bench.command(0, 0, OTHERS | 0x4608);
    for (int cpu = 2; cpu < 4; cpu++) {
      assertEquals(List.of("init", "startup 8"), bench.processors[cpu].signals);
    }
    assertEquals(List.of(), bench.processors[0].signals);
    assertEquals(new ApicMessage(1, false, DeliveryMode.INIT, 0, true, false), bench.sent.get(4));
  }

  @Test
  void ipisAreEdgesWhateverTheTriggerMode() {
    bench.command(0, 1, 0x8041);
    assertEquals(new ApicMessage(1, false, DeliveryMode.FIXED, 0x41, false, true), bench.sent.getLast());
    assertEquals(0b10, receivers(0x41));
    assertEquals(List.of(), bench.ended);
  }

  @Test
  void reservedModesSendNothing() {
    bench.command(0, 1, 0x300);
    bench.command(0, 1, 0x700);
    assertEquals(List.of(), bench.sent);
  }

  @Test
  void aSoftwareDisabledApicStillSends() {
    bench.write(0, SVR, 0xff);
    assertEquals(0b10, send(1, 0x41));
  }

  @Test
  void repeatedCommandsReuseTheirMessage() {
    bench.command(0, 1, 0x41);
    bench.command(0, 1, 0x41);
    assertSame(bench.sent.get(0), bench.sent.get(1));
    bench.command(0, 2, 0x41);
    assertEquals(2, bench.sent.get(2).destination());
  }

  @Test
  void theSameCommandMeansAnotherDestinationInTheOtherMode() {
    bench.x2apic();
    bench.command(0, 3 << 24, 0x41);
    assertEquals(3 << 24, bench.sent.getLast().destination());
    ApicBench.msr(bench.apics[0], IA32_APIC_BASE, 0xfee0_0100L);
    ApicBench.msr(bench.apics[0], IA32_APIC_BASE, 0xfee0_0900L);
    bench.command(0, 3, 0x41);
    assertEquals(3, bench.sent.getLast().destination());
  }
}
