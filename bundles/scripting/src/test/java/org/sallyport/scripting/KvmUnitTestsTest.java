package org.sallyport.scripting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.api.machine.StopReason;
import org.w3c.dom.Element;

/** console-scripts/kvm-unit-tests.js on fake machines: what it makes of the suite's list, and of what the guests do. */
class KvmUnitTestsTest {
  private static final Path SCRIPT = Path.of("../../console-scripts/kvm-unit-tests.js");

  private static final String LIST = """
      # a comment = of no meaning
      [good]
      file = good.flat
      smp = 2
      qemu_params = -cpu qemu64,+sse4_2,-fpu,+unheard-of,vendor=AuthenticAMD,phys-bits=36 -m 2
      test_args = "one two" 'three'
      groups = first second

      [bad]
      file = bad.flat
      qemu_params = -cpu max,host-phys-bits -m 2 -machine pit=off,kernel-irqchip=split

      [only32]
      file = good.flat
      arch = i386

      [skips]
      file = skips.flat
      arch = x86_64
      extra_params = -enable-kvm -m 2M
      groups = second

      [hyperv]
      file = good.flat
      qemu_params = -M q35 -device hyperv-testdev

      [notbuilt]
      file = notbuilt.flat

      [dies]
      file = dies.flat
      qemu_params = -m 2 -M q35,kernel-irqchip=split -device intel-iommu,intremap=on,eim=off -device edu

      [hangs]
      file = hangs.flat
      qemu_params = -m 2
      timeout = 1
      """;

  private ScriptBench bench;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    bench = new ScriptBench(folder);
    bench.write("suite/x86/unittests.cfg", LIST);
    for (String name : List.of("good", "bad", "skips", "dies", "hangs")) {
      bench.write("suite/x86/" + name + ".flat", "");
    }
    bench.machines.guest = (machine, text) -> {
      switch (machine.name()) {
        case "kut-good" -> {
          machine.say("PASS: a\r\nPASS: b\r\nSUMMARY: 2 tests\r\n");
          machine.end(StopReason.Kind.EXIT, "exit", 0);
        }
        case "kut-bad" -> {
          machine.say("PASS: a\nFAIL: b <&>\u0001\nFAIL: c\n");
          machine.end(StopReason.Kind.EXIT, "exit", 1);
        }
        case "kut-skips" -> {
          machine.say("SKIP: no such thing\n");
          machine.end(StopReason.Kind.EXIT, "exit", 38);
        }
        case "kut-dies" -> machine.end(StopReason.Kind.TRIPLE_FAULT, "triple fault somewhere", 0);
        default -> machine.say("PASS: a\n");
      }
    };
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private int run(String... arguments) throws IOException {
    return bench.runFile(SCRIPT.toRealPath().toString(), arguments);
  }

  /** A test's line of the table without its seconds; what is told behind it stays. */
  private String line(String test) {
    Matcher matcher = Pattern.compile("^" + test + " +(\\w+) *?( +\\d+)?( +\\d+)? +\\d+\\.\\d(.*)$", Pattern.MULTILINE)
        .matcher(bench.out());
    assertTrue(matcher.find(), bench::out);
    return (matcher.group(1) + " " + matcher.group(2) + " " + matcher.group(3) + matcher.group(4))
        .replaceAll("\\s+", " ");
  }

  @Test
  void tellsWhatBecameOfEachTest() throws Exception {
    assertEquals(1, run("dir=suite", "junit=out.xml", "log=logs"), bench::err);
    assertEquals("PASS 2 null", line("good"));
    assertEquals("FAIL 1 2 the test ended with status 3", line("bad"));
    assertTrue(bench.out().contains("    FAIL: c\n"), bench::out);
    assertEquals("SKIP null null no such thing", line("skips"));
    assertEquals("SKIP null null the test wants Hyper-V's test device", line("hyperv"));
    assertEquals("SKIP null null there is no image x86/notbuilt.flat", line("notbuilt"));
    assertEquals("FAIL null null triple fault somewhere", line("dies"));
    assertEquals("TIMEOUT 1 null at 0xfff0 (active)", line("hangs"));
    assertTrue(bench.out().contains("\n1 passed, 2 failed, 1 ran out of time, 3 skipped in "), bench::out);
    assertTrue(!bench.out().contains("only32"), bench::out);
    assertTrue(bench.machines.made.stream().allMatch(machine -> machine.closed), "machines are closed");
    assertEquals("PASS: a\nFAIL: b <&>\u0001\nFAIL: c\n", Files.readString(bench.folder.resolve("logs/bad.log")));

    Element suite = DocumentBuilderFactory.newInstance().newDocumentBuilder()
        .parse(bench.folder.resolve("out.xml").toFile()).getDocumentElement();
    assertEquals("7 3 3", suite.getAttribute("tests") + " " + suite.getAttribute("failures") + " "
        + suite.getAttribute("skipped"));
    Element bad = (Element) suite.getElementsByTagName("testcase").item(1);
    assertEquals("bad", bad.getAttribute("name"));
    assertEquals("the test ended with status 3",
        ((Element) bad.getElementsByTagName("failure").item(0)).getAttribute("message"));
    assertTrue(bad.getTextContent().contains("FAIL: b <&>\n"), bad.getTextContent());
  }

  @Test
  void givesEachTestTheMachineItAsksFor() throws IOException {
    assertEquals(1, run("dir=suite", "only=good,b.d,dies"), bench::err);
    Map<String, ?> good = bench.machines.described.get(0);
    assertEquals("2M", good.get("memory"));
    assertEquals(2L, good.get("cpus"));
    assertEquals("stop", good.get("reset"));
    assertEquals(Map.of("backend", "vmx", "model", "x86-64", "features", List.of("+sse4_2", "-fpu"), "vendor",
        "AuthenticAMD", "physicalBits", 36L), good.get("cpu"), "what the backend does not have is left out");
    Map<?, ?> boot = (Map<?, ?>) good.get("boot");
    assertEquals(bench.folder.resolve("suite/x86/good.flat").toString(), boot.get("kernel"));
    assertEquals("one two three", boot.get("append"));
    Map<?, ?> module = (Map<?, ?>) ((List<?>) boot.get("modules")).getFirst();
    assertEquals("TARGET=qemu\nQEMU_ACCEL=tcg\nERRATA_FORCE=y\n",
        Files.readString(Path.of(module.get("file").toString())));
    assertTrue(good.get("devices").toString().contains("pit8254"));
    Map<String, ?> bad = bench.machines.described.get(1);
    assertEquals(Map.of("backend", "vmx", "model", "max", "features", List.of(), "physicalBits", 48L), bad.get("cpu"));
    assertTrue(!bad.get("devices").toString().contains("pit8254"), "-machine pit=off");
    assertTrue(bad.get("devices").toString().contains("testdev"));
    List<?> remapped = (List<?>) bench.machines.described.get(2).get("devices");
    assertTrue(remapped.contains(Map.of("type", "edu")), remapped::toString);
    assertTrue(remapped.contains(Map.of("type", "iommu", "ioApicSourceCheck", false, "interruptRemapping", true,
        "extendedInterrupts", false)), remapped::toString);
  }

  @Test
  void choosesByNameAndGroup() throws IOException {
    assertEquals(0, run("dir=suite", "group=second", "jobs=2"), bench::err);
    assertTrue(bench.out().contains("\n1 passed, 0 failed, 0 ran out of time, 1 skipped in "), bench::out);
    assertEquals(0, run("dir=suite", "group=first"), bench::err);
    assertEquals(1, run("dir=suite", "only=goo"), "no part of a name");
    assertTrue(bench.err().contains("no entry of "), bench::err);
    assertEquals(2, run());
    assertTrue(bench.err().contains("the argument dir=DIR is missing"), bench::err);
    assertEquals(1, run("dir=suite", "cpu=kvm"));
    assertTrue(bench.err().contains("cpu=kvm cannot be used: there is no such backend"), bench::err);
  }
}
