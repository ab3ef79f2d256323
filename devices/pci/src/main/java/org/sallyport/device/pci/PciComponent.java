package org.sallyport.device.pci;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceFactory;

/** Offers the PCI host bridge to machines: device type {@value #TYPE}. */
@Component(property = DeviceFactory.PROPERTY + "=" + PciComponent.TYPE)
public final class PciComponent implements DeviceFactory<PciConfiguration> {
  static final String TYPE = "pci";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public PciConfiguration defaults() {
    return new PciConfiguration();
  }

  @Override
  public Device create(PciConfiguration configuration, DeviceContext context) {
    return new PciHost(context.control());
  }
}
