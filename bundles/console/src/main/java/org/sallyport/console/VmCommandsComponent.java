package org.sallyport.console;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.sallyport.api.cpu.Disassembler;
import org.sallyport.api.machine.MachineManager;

/** {@link VmCommands} as a service that Gogo finds. */
@Component(service = VmCommandsComponent.class, property = {
    "osgi.command.scope=vm", "osgi.command.function=create", "osgi.command.function=list",
    "osgi.command.function=start",
    "osgi.command.function=pause", "osgi.command.function=resume", "osgi.command.function=stop",
    "osgi.command.function=reset",
    "osgi.command.function=close", "osgi.command.function=step", "osgi.command.function=regs",
    "osgi.command.function=mem",
    "osgi.command.function=disasm", "osgi.command.function=devices", "osgi.command.function=irqs",
    "osgi.command.function=exits",
    "osgi.command.function=vmcs", "osgi.command.function=why", "osgi.command.function=log",
    "osgi.command.function=serial"})
public final class VmCommandsComponent extends VmCommands {
  private final AtomicReference<Disassembler> disassembler;

  @Activate
  public VmCommandsComponent(@Reference MachineManager machines) {
    this(machines, new AtomicReference<>());
  }

  private VmCommandsComponent(MachineManager machines, AtomicReference<Disassembler> disassembler) {
    super(machines, () -> Optional.ofNullable(disassembler.get()));
    this.disassembler = disassembler;
  }

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void setDisassembler(Disassembler service) {
    disassembler.set(service);
  }

  void unsetDisassembler(Disassembler service) {
    disassembler.compareAndSet(service, null);
  }
}
