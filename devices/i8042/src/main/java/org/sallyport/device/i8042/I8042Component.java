package org.sallyport.device.i8042;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;

/** Offers keyboard controllers to machines: device type {@value #TYPE}. */
@Component(property = DeviceFactory.PROPERTY + "=" + I8042Component.TYPE)
public final class I8042Component implements DeviceFactory<I8042Configuration> {
  static final String TYPE = "i8042";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public I8042Configuration defaults() {
    return I8042Configuration.PC;
  }

  @Override
  public Device create(I8042Configuration configuration, DeviceContext context) throws DeviceException {
    configuration.check();
    return new I8042(configuration, context);
  }
}
