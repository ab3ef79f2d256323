package org.sallyport.device.debugexit;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;

/** Offers debug-exit ports to machines: device type {@value #TYPE}. */
@Component(property = DeviceFactory.PROPERTY + "=" + DebugExitComponent.TYPE)
public final class DebugExitComponent implements DeviceFactory<DebugExitConfiguration> {
  static final String TYPE = "debugexit";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public DebugExitConfiguration defaults() {
    return DebugExitConfiguration.USUAL;
  }

  @Override
  public Device create(DebugExitConfiguration configuration, DeviceContext context) throws DeviceException {
    configuration.check();
    return new DebugExit(configuration, context);
  }
}
