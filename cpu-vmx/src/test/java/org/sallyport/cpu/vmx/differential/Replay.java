package org.sallyport.cpu.vmx.differential;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.Set;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.vmx.VmxBackend;

/** Reads cases from standard input, one a line as {@link CaseText} has them, and shows what both processors make of them. */
final class Replay {
  private Replay() {}

  public static void main(String[] args) throws Exception {
    Set<CpuFeature> features = EnumSet.copyOf(new VmxBackend().features());
    features.add(CpuFeature.BMI1);
    features.add(CpuFeature.ABM);
    try (NativeCpu host = NativeCpu.start(Files.createTempDirectory("differential"));
        SoftwareCpu ours = new SoftwareCpu(features);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in))) {
      for (String line; (line = in.readLine()) != null;) {
        TestCase c = CaseText.parse(line.contains("=>") ? line : line + " =>").before();
        Outcome a = ours.execute(c);
        System.out.println("ours " + CaseText.format(c, a));
        Outcome b = host.execute(c);
        System.out.println("host " + CaseText.format(c, b));
        System.out.println(Comparison.difference(c, a, b));
      }
    }
  }
}
