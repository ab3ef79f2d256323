package org.sallyport.machine.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.machine.bench.FakeLapic;
import org.sallyport.machine.bus.Claim;
import org.sallyport.machine.bus.PortBus;

/** What is written to the chips, against the data sheets. */
class FirmwareHandoverTest {
  private final List<String> written = new ArrayList<>();

  private final class Recorder implements PortIo {
    @Override
    public List<PortRange> portRanges() {
      return List.of();
    }

    @Override
    public int readPort(int port, int size) {
      return 0;
    }

    @Override
    public void writePort(int port, int size, int value) {
      written.add(String.format("%x=%x", port, value));
    }
  }

  @Test
  void theChipsAreProgrammed() {
    PortBus ports = new PortBus();
    ports.claims(List.of(new Claim<>("all", 0, 0xffff, new Recorder())), (first, second) -> {});
    FirmwareHandover.program(ports, new FakeLapic(0, null, null));
    List<String> master = written.stream().filter(each -> each.startsWith("2")).toList();
    List<String> slave = written.stream().filter(each -> each.startsWith("a")).toList();
    List<String> timer = written.stream().filter(each -> each.startsWith("4")).toList();
    assertEquals(List.of("20=11", "21=8", "21=4", "21=1", "21=fa"), master, "ICW1 to ICW4, then the mask");
    assertEquals(List.of("a0=11", "a1=70", "a1=2", "a1=1", "a1=ff"), slave);
    assertEquals(List.of("43=36", "40=0", "40=0"), timer);
  }

  @Test
  void aWakingVectorIsAnAddressInRealMode() {
    VcpuState state = FirmwareHandover.awake(0xfff5f);
    assertEquals(0xfff5, state.cs().selector());
    assertEquals(0xfff50, state.cs().base());
    assertEquals(0xf, state.rip());
    assertEquals(0, state.cr0() & 0x80000001L);
  }
}
