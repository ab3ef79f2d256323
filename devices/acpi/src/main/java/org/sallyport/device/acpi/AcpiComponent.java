package org.sallyport.device.acpi;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;

/** Offers the fixed hardware of ACPI to machines: device type {@value #TYPE}. */
@Component(property = DeviceFactory.PROPERTY + "=" + AcpiComponent.TYPE)
public final class AcpiComponent implements DeviceFactory<AcpiConfiguration> {
  static final String TYPE = "acpi";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public AcpiConfiguration defaults() {
    return AcpiConfiguration.USUAL;
  }

  @Override
  public Device create(AcpiConfiguration configuration, DeviceContext context) throws DeviceException {
    configuration.check();
    return new Acpi(configuration, context);
  }
}
