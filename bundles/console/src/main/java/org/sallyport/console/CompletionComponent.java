package org.sallyport.console;

import java.nio.file.Path;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.api.machine.MachineManager;

/** {@link Completion} as a service that Gogo finds. */
@Component(service = CompletionComponent.class, property = {"osgi.command.scope=completion",
    "osgi.command.function=machines",
    "osgi.command.function=devices", "osgi.command.function=settings", "osgi.command.function=scripts"})
public final class CompletionComponent extends Completion {
  @Activate
  public CompletionComponent(BundleContext context, @Reference MachineManager machines) {
    super(machines, Path.of(context.getProperty("sallyport.home") == null ? "" : context.getProperty("sallyport.home"))
        .toAbsolutePath().resolve("console-scripts"));
  }
}
