package org.sallyport.launcher;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/** Finds what the installed bundles need and none of them has: packages, and services as their manifests declare them. */
final class Missing {
  private static final List<String> NAMESPACES = List.of("osgi.wiring.package", "osgi.service");
  private static final Pattern NAME = Pattern.compile("\\((?:osgi\\.wiring\\.package|objectClass)=([\\w.$]+)\\)");

  private Missing() {}

  /** One line for each thing that is missing, with the bundles that need it. */
  static List<String> of(Bundle... bundles) {
    List<BundleRevision> revisions = Arrays.stream(bundles).map(bundle -> bundle.adapt(BundleRevision.class)).toList();
    List<String> result = new ArrayList<>();
    for (String namespace : NAMESPACES) {
      List<BundleCapability> capabilities =
          revisions.stream().flatMap(revision -> revision.getDeclaredCapabilities(namespace).stream()).toList();
      SortedMap<String, SortedSet<String>> users = new TreeMap<>();
      for (BundleRevision revision : revisions) {
        for (BundleRequirement requirement : revision.getDeclaredRequirements(namespace)) {
          String name = name(requirement);
          // What the launcher hands over are services of Java's types.
          if (isMandatory(requirement) && !name.startsWith("java.")
              && capabilities.stream().noneMatch(one -> matches(requirement, one))) {
            users.computeIfAbsent(name, key -> new TreeSet<>()).add(revision.getSymbolicName());
          }
        }
      }
      String kind = namespace.equals("osgi.service") ? "service " : "package ";
      users.forEach((name, names) -> result.add("no bundle has the " + kind + name + ", which "
          + String.join(", ", names) + (names.size() == 1 ? " needs" : " need") + "; install one that does"));
    }
    return result;
  }

  private static boolean isMandatory(BundleRequirement requirement) {
    Map<String, String> directives = requirement.getDirectives();
    return !"optional".equals(directives.get(Constants.RESOLUTION_DIRECTIVE))
        && !"dynamic".equals(directives.get(Constants.RESOLUTION_DIRECTIVE));
  }

  /** Not {@link BundleRequirement#matches}: that knows nothing of services. */
  private static boolean matches(BundleRequirement requirement, BundleCapability capability) {
    String filter = requirement.getDirectives().get(Constants.FILTER_DIRECTIVE);
    try {
      return filter == null || FrameworkUtil.createFilter(filter).matches(capability.getAttributes());
    } catch (InvalidSyntaxException e) {
      return true; // The framework reports that.
    }
  }

  private static String name(BundleRequirement requirement) {
    String filter = requirement.getDirectives().get(Constants.FILTER_DIRECTIVE);
    Matcher name = NAME.matcher(filter == null ? "" : filter);
    return name.find() ? name.group(1) : requirement.toString();
  }
}
