package org.sallyport.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.sallyport.api.cpu.CpuBackend;
import org.sallyport.api.cpu.Disassembler;
import org.sallyport.api.device.DeviceFactory;
import org.sallyport.api.irq.IoApicFactory;
import org.sallyport.api.irq.LocalApicFactory;
import org.sallyport.api.irq.PicFactory;
import org.sallyport.api.loader.GuestLoader;
import org.sallyport.api.loader.PlatformTables;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineDescription;
import org.sallyport.api.machine.MachineDescription.DeviceDescription;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.machine.MachineManager;

/** {@link LocalMachineManager} as a service; what machines are made of comes from services that come and go. */
@Component(service = MachineManager.class, immediate = true)
public final class MachineManagerComponent implements MachineManager {
  private final Plugins plugins = new Plugins();
  private final LocalMachineManager manager = new LocalMachineManager(plugins);

  /** For Declarative Services. */
  @Activate
  public MachineManagerComponent() {}

  @Deactivate
  void deactivate() {
    manager.close();
  }

  @Override
  public MachineDescription describe(Map<String, ?> data, Path baseDirectory) throws MachineException {
    return manager.describe(data, baseDirectory);
  }

  @Override
  public List<BackendInfo> backends() {
    return manager.backends();
  }

  @Override
  public List<DeviceDescription> standardDevices() {
    return manager.standardDevices();
  }

  @Override
  public Machine create(MachineDescription description) throws MachineException {
    return manager.create(description);
  }

  @Override
  public List<Machine> machines() {
    return manager.machines();
  }

  @Override
  public Optional<Machine> machine(String name) {
    return manager.machine(name);
  }

  @Reference(service = DeviceFactory.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindDevice(DeviceFactory<?> factory, Map<String, Object> properties) {
    add(factory, properties);
  }

  void unbindDevice(DeviceFactory<?> factory) {
    plugins.remove(factory);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindBackend(CpuBackend backend, Map<String, Object> properties) {
    add(backend, properties);
  }

  void unbindBackend(CpuBackend backend) {
    plugins.remove(backend);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindPic(PicFactory factory, Map<String, Object> properties) {
    add(factory, properties);
  }

  void unbindPic(PicFactory factory) {
    plugins.remove(factory);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindIoApic(IoApicFactory factory, Map<String, Object> properties) {
    add(factory, properties);
  }

  void unbindIoApic(IoApicFactory factory) {
    plugins.remove(factory);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindLocalApic(LocalApicFactory factory, Map<String, Object> properties) {
    add(factory, properties);
  }

  void unbindLocalApic(LocalApicFactory factory) {
    plugins.remove(factory);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindLoader(GuestLoader loader, Map<String, Object> properties) {
    add(loader, properties);
  }

  void unbindLoader(GuestLoader loader) {
    plugins.remove(loader);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindTables(PlatformTables tables, Map<String, Object> properties) {
    add(tables, properties);
  }

  void unbindTables(PlatformTables tables) {
    plugins.remove(tables);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindDisassembler(Disassembler disassembler, Map<String, Object> properties) {
    add(disassembler, properties);
  }

  void unbindDisassembler(Disassembler disassembler) {
    plugins.remove(disassembler);
  }

  private void add(Object service, Map<String, Object> properties) {
    plugins.add(service, properties.get(Constants.SERVICE_RANKING) instanceof Integer rank ? rank : 0);
  }
}
