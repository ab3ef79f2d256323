package org.sallyport.tests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArrowsTest {
  @ParameterizedTest
  @CsvSource({
      "org.sallyport.device.rtc, org.sallyport.api.device",
      "org.sallyport.device.rtc, org.sallyport.device.rtc.registers",
      "org.sallyport.machine, org.sallyport.api",
      "org.sallyport.api, org.sallyport.api.cpu",
      "org.sallyport.console, org.sallyport.scripting",
      "org.sallyport.cpu.vmx, java.lang.foreign"})
  void allowed(String bundle, String imported) {
    assertEquals(List.of(), Arrows.violations(bundle, List.of(imported), List.of()));
  }

  @ParameterizedTest
  @CsvSource({
      "org.sallyport.device.rtc, org.sallyport.machine",
      "org.sallyport.device.rtc, org.sallyport.device.rtcx",
      "org.sallyport.irqchip.pic, org.sallyport.irqchip.lapic",
      "org.sallyport.machine, org.sallyport.device.rtc",
      "org.sallyport.console, org.sallyport.cpu.vmx.decode",
      "org.sallyport.api, org.sallyport.machine"})
  void forbidden(String bundle, String imported) {
    assertEquals(1, Arrows.violations(bundle, List.of(imported), List.of()).size());
  }

  @Test
  void theMessageNamesTheRule() {
    assertEquals(
        List.of(
            "org.sallyport.cpu.vmx imports org.sallyport.machine: of ours, a plug-in imports org.sallyport.api only"),
        Arrows.violations("org.sallyport.cpu.vmx", List.of("org.sallyport.machine"), List.of()));
  }

  @Test
  void aCopyOfAnotherBundlesPackageIsFound() {
    assertEquals(1, Arrows.violations("org.sallyport.device.rtc", List.of(), List.of("org.sallyport.machine")).size());
  }
}
