package org.sallyport.device.uart16550;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;

/** Offers serial ports to machines: device type {@value #TYPE}. */
@Component(property = DeviceFactory.PROPERTY + "=" + Uart16550Component.TYPE)
public final class Uart16550Component implements DeviceFactory<UartConfiguration> {
  static final String TYPE = "uart16550";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public UartConfiguration defaults() {
    return UartConfiguration.COM1;
  }

  @Override
  public Device create(UartConfiguration configuration, DeviceContext context) throws DeviceException {
    configuration.check();
    return new Uart16550(configuration, context);
  }
}
