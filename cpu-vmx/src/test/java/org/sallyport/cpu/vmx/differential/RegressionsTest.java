package org.sallyport.cpu.vmx.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.vmx.VmxBackend;

/** What once came out wrong, with what a processor of silicon made of it: regressions.txt, in the notation of {@link CaseText}. */
class RegressionsTest {
  private static SoftwareCpu cpu;
  private static SoftwareCpu legacy;

  @BeforeAll
  static void open() {
    Set<CpuFeature> features = EnumSet.copyOf(new VmxBackend().features());
    features.add(CpuFeature.BMI1);
    features.add(CpuFeature.ABM);
    cpu = new SoftwareCpu(features);
    legacy = new SoftwareCpu(features, true);
  }

  @AfterAll
  static void close() {
    cpu.close();
    legacy.close();
  }

  static Stream<String> cases() throws IOException {
    try (InputStream in = RegressionsTest.class.getResourceAsStream("regressions.txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isRightNow(String line) {
    CaseText.Recorded recorded = CaseText.parse(line);
    Outcome ours = cpu.execute(recorded.before());
    assertEquals("", Comparison.difference(recorded.before(), ours, recorded.after()));
    if (Scope.sameInLegacyMode(recorded.before())) {
      Outcome inLegacyMode = legacy.execute(recorded.before());
      assertEquals("", Comparison.difference(recorded.before(), inLegacyMode, recorded.after()), "in legacy mode");
    }
  }

  @Test
  void aWrongResultIsFound() {
    CaseText.Recorded recorded = CaseText.parse("64 4801d8 rax=1 rbx=2 => rax=4 flags=206");
    String difference = Comparison.difference(recorded.before(), cpu.execute(recorded.before()), recorded.after());
    assertTrue(difference.contains("rax=3 instead of 4"), difference);
  }
}
