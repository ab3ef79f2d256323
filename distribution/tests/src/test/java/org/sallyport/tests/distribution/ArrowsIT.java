package org.sallyport.tests.distribution;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** Holds the arrows against the bundles as they were built; bnd wrote their imports from the class files. */
class ArrowsIT {
  @Test
  void everyBundleKeepsToItsArrows() throws IOException {
    List<Path> jars;
    try (var files = Files.walk(Path.of(System.getProperty("sallyport.home"), "bundles"), 2)) {
      jars = files.filter(file -> file.getFileName().toString().matches("org\\.sallyport\\..*\\.jar")).toList();
    }
    assertTrue(jars.size() > 10, () -> "only " + jars);
    List<String> violations = new ArrayList<>();
    for (Path file : jars) {
      try (JarFile jar = new JarFile(file.toFile())) {
        Attributes manifest = jar.getManifest().getMainAttributes();
        String bundle = manifest.getValue("Bundle-SymbolicName");
        // These two would go round the imports.
        assertNull(manifest.getValue("DynamicImport-Package"), bundle);
        assertNull(manifest.getValue("Require-Bundle"), bundle);
        Set<String> contents = new TreeSet<>();
        jar.stream().map(entry -> Arrows.packageOf(entry.getName())).flatMap(Optional::stream).forEach(contents::add);
        violations.addAll(Arrows.violations(bundle, packages(manifest.getValue("Import-Package")), contents));
      }
    }
    assertTrue(violations.isEmpty(), () -> String.join("\n", violations));
  }

  /** The package names of an Import-Package header, without attributes and directives. */
  private static List<String> packages(String header) {
    if (header == null) {
      return List.of();
    }
    List<String> result = new ArrayList<>();
    for (String clause : header.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)")) { // commas outside of quotes
      for (String part : clause.split(";")) {
        if (!part.contains("=")) {
          result.add(part.strip());
        }
      }
    }
    return result;
  }
}
