package org.sallyport.console;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.api.script.ScriptRunner;

/**
 * {@link JsCommands} as a service that Gogo finds. It is immediate because Gogo gives a command's service back after
 * each call: a delayed component would end then, and the variables of {@code js:eval} with it.
 */
@Component(service = JsCommandsComponent.class, immediate = true, property = {"osgi.command.scope=js",
    "osgi.command.function=run", "osgi.command.function=eval"})
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
