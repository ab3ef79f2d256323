package org.sallyport.device.pit8254;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;

/** Offers interval timers to machines: device type {@value #TYPE}. */
@Component(property = DeviceFactory.PROPERTY + "=" + Pit8254Component.TYPE)
public final class Pit8254Component implements DeviceFactory<PitConfiguration> {
  static final String TYPE = "pit8254";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public PitConfiguration defaults() {
    return PitConfiguration.PC;
  }

  @Override
  public Device create(PitConfiguration configuration, DeviceContext context) throws DeviceException {
    configuration.check();
    return new Pit8254(configuration, context);
  }
}
