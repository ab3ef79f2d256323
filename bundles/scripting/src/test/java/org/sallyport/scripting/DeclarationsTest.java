package org.sallyport.scripting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** sallyport.d.ts and what the modules export name the same things. */
class DeclarationsTest {
  private static final Pattern MODULE = Pattern.compile("^declare module '(.*)' \\{$");
  private static final Pattern DECLARED = Pattern.compile("^  (?:function|const|class) (\\w+)");
  private static final Pattern BLOCK = Pattern.compile("^  (?:class|namespace) (\\w+)[^{]*\\{(.*)$");
  private static final Pattern MEMBER = Pattern.compile("^    (?:static |readonly |function )*(\\w+)\\??[(:]");

  @Test
  void describeWhatIsExported(@TempDir Path folder) throws IOException {
    try (ScriptBench bench = new ScriptBench(folder)) {
      int status = bench.run("""
          const members = (name, value) => {
            if (typeof value !== 'function') return;
            for (const key of Object.getOwnPropertyNames(value)) {
              if (!['length', 'name', 'prototype'].includes(key)) console.log(`${name}.${key}`);
            }
            if (Error.isPrototypeOf(value) || !/^class/.test(value.toString())) return;
            for (const key of Object.getOwnPropertyNames(value.prototype)) {
              if (key !== 'constructor') console.log(`${name}.${key}`);
            }
          };
          for (const module of ['sallyport', 'sallyport/images']) {
            for (const [name, value] of Object.entries(await import(module))) {
              console.log(`${module}: ${name}`);
              members(name, value);
            }
          }
          """);
      assertEquals(0, status, bench::err);
      SortedSet<String> exported = new TreeSet<>(bench.out().lines().toList());
      SortedSet<String> declared = declared();
      assertTrue(declared.size() > 50, "found too little in the declarations: " + declared);
      assertEquals(String.join("\n", declared), String.join("\n", exported));
    }
  }

  private static SortedSet<String> declared() throws IOException {
    SortedSet<String> result = new TreeSet<>();
    String module = "";
    String block = "";
    String text;
    try (InputStream in = Scripts.class.getResourceAsStream("js/sallyport.d.ts")) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    for (String line : text.split("\n")) {
      Matcher begin = MODULE.matcher(line);
      Matcher declaration = DECLARED.matcher(line);
      Matcher opening = BLOCK.matcher(line);
      Matcher member = MEMBER.matcher(line);
      if (begin.find()) {
        module = begin.group(1);
      } else if (declaration.find()) {
        result.add(module + ": " + declaration.group(1));
      }
      if (opening.find()) {
        block = opening.group(2).contains("}") ? "" : opening.group(1);
      } else if (line.startsWith("  }")) {
        block = "";
      } else if (!block.isEmpty() && member.find()) {
        result.add(block + "." + member.group(1));
      }
    }
    return result;
  }
}
