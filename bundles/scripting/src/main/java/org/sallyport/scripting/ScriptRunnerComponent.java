package org.sallyport.scripting;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.sallyport.api.cpu.Disassembler;
import org.sallyport.api.machine.MachineManager;
import org.sallyport.api.script.ScriptRunner;

/**
 * {@link Scripts} as a service. Framework or system properties: {@code sallyport.home}, whose folder {@code
 * console-scripts} holds the scripts that come with Sallyport.
 */
@Component(service = ScriptRunner.class)
public final class ScriptRunnerComponent implements ScriptRunner {
  private final Scripts scripts;

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY) private volatile Disassembler disassembler;

  @Activate
  public ScriptRunnerComponent(BundleContext context, @Reference MachineManager machines) {
    String home = context.getProperty("sallyport.home");
    Path current = Path.of("").toAbsolutePath();
    Path folder = (home == null ? current : Path.of(home).toAbsolutePath()).resolve("console-scripts");
    scripts = new Scripts(new ScriptingEnvironment(machines, () -> Optional.ofNullable(disassembler), folder, current,
        ScriptingEnvironment.defaultCache()));
  }

  @Deactivate
  void close() {
    scripts.close();
  }

  @Override
  public int run(Path file, List<String> arguments, OutputStream out, OutputStream err, boolean debug) {
    return scripts.run(file, arguments, out, err, debug);
  }

  @Override
  public void interrupt() {
    scripts.interrupt();
  }

  @Override
  public Session open(OutputStream out, OutputStream err) {
    return scripts.open(out, err);
  }
}
