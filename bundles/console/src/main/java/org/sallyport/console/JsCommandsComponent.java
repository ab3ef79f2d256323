package org.sallyport.console;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.api.script.ScriptRunner;

/** {@link JsCommands} as a service that Gogo finds. */
@Component(service = JsCommandsComponent.class, property = {"osgi.command.scope=js", "osgi.command.function=run",
    "osgi.command.function=eval"})
public final class JsCommandsComponent extends JsCommands {
  @Activate
  public JsCommandsComponent(@Reference ScriptRunner runner) {
    super(runner);
  }

  @Deactivate
  @Override
  public synchronized void close() {
    super.close();
  }
}
