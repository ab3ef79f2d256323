package org.sallyport.tests.container;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.cleanCaches;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.frameworkStartLevel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.JUnitException;
import org.ops4j.pax.exam.Option;
import org.opentest4j.AssertionFailedError;

/** What the assembled distribution puts into a container, as options of Pax Exam. */
final class Distribution {
  /** Bundles from this start level on belong to the interactive shell. */
  private static final int SHELL_LEVEL = 9;

  private Distribution() {}

  /** The distribution's bundles at their start levels, and what a test itself needs. */
  static Option withoutShell() {
    List<Option> options = new ArrayList<>();
    options.add(cleanCaches());
    options.add(frameworkStartLevel(SHELL_LEVEL - 1));
    // What GraalJS takes from the JDK beside java.*, without an import.
    options.add(frameworkProperty("org.osgi.framework.bootdelegation").value("jdk.*,sun.*"));
    for (Class<?> type : List.of(Test.class, JUnitException.class, AssertionFailedError.class, API.class,
        NullMarked.class)) {
      options.add(bundle(type.getProtectionDomain().getCodeSource().getLocation().toString()));
    }
    options.add(bundle(Path.of(System.getProperty("sallyport.graaljs")).toUri().toString()));
    for (Path location : bundles()) {
      int level = Integer.parseInt(location.getParent().getFileName().toString());
      if (level < SHELL_LEVEL) {
        options.add(bundle("reference:" + location.toUri()).startLevel(level));
      }
    }
    return composite(options.toArray(Option[]::new));
  }

  /** Every jar or unpacked directory in {@code bundles/N/}. */
  static List<Path> bundles() {
    try (var files = Files.walk(Path.of(System.getProperty("sallyport.home"), "bundles").normalize(), 2)) {
      return files.filter(file -> file.getParent().getFileName().toString().matches("\\d+")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
