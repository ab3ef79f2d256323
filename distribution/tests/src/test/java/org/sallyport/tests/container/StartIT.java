package org.sallyport.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import javax.inject.Inject;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

@ExtendWith(Container.class)
@ExamReactorStrategy(PerClass.class)
public class StartIT {
  @Inject BundleContext context;

  @Configuration
  public Option[] configuration() {
    return new Option[]{Distribution.withoutShell()};
  }

  @Test
  public void everyBundleStarts() {
    Map<String, Integer> notActive = new TreeMap<>();
    for (Bundle bundle : context.getBundles()) {
      if (bundle.getState() != Bundle.ACTIVE && bundle.getHeaders().get("Fragment-Host") == null) {
        notActive.put(bundle.getSymbolicName(), bundle.getState());
      }
    }
    assertEquals(Map.of(), notActive);
  }

  @Test
  public void theBundlesAreOurs() {
    long ours = Arrays.stream(context.getBundles()).map(Bundle::getSymbolicName)
        .filter(name -> name.startsWith("org.sallyport.")).count();
    assertTrue(ours > 10, () -> "only " + ours);
  }
}
