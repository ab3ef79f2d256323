package org.sallyport.tests.distribution;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Which of our packages a bundle may use: everything depends on the API, nothing on a plug-in.
 *
 * <p>A bundle's symbolic name is its root package, so names are all that is needed here.
 */
final class Arrows {
  private static final String OURS = "org.sallyport.";
  private static final String API = OURS + "api";
  private static final List<String> PLUG_INS = List.of(OURS + "cpu", OURS + "irqchip", OURS + "device");

  private Arrows() {}

  /** What the bundle does against the rules, one sentence each. */
  static List<String> violations(String bundle, Collection<String> imports, Collection<String> contents) {
    List<String> result = new ArrayList<>();
    for (String name : imports) {
      if (name.startsWith(OURS) && !within(bundle, name)) {
        rule(bundle, name).ifPresent(rule -> result.add(bundle + " imports " + name + ": " + rule));
      }
    }
    for (String name : contents) {
      if (name.startsWith(OURS) && !within(bundle, name)) {
        result.add(bundle + " contains " + name + ", which is another bundle's package");
      }
    }
    return result;
  }

  /** The rule that this import breaks. */
  private static Optional<String> rule(String bundle, String imported) {
    if (bundle.equals(API)) {
      return Optional.of("the API imports nothing of ours");
    }
    if (isPlugIn(bundle)) {
      return within(API, imported) ? Optional.empty() : Optional.of("of ours, a plug-in imports " + API + " only");
    }
    return isPlugIn(imported) ? Optional.of("nothing imports a plug-in") : Optional.empty();
  }

  private static boolean isPlugIn(String name) {
    return PLUG_INS.stream().anyMatch(root -> within(root, name));
  }

  private static boolean within(String root, String name) {
    return name.equals(root) || name.startsWith(root + ".");
  }

  /** The package of a class file in a jar, for entries that are class files. */
  static Optional<String> packageOf(String entry) {
    int slash = entry.lastIndexOf('/');
    return entry.endsWith(".class") && slash > 0
        ? Optional.of(entry.substring(0, slash).replace('/', '.'))
        : Optional.empty();
  }
}
