package org.sallyport.device.rtc;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;

/** Offers real-time clocks to machines: device type {@value #TYPE}. */
@Component(property = DeviceFactory.PROPERTY + "=" + RtcComponent.TYPE)
public final class RtcComponent implements DeviceFactory<RtcConfiguration> {
  static final String TYPE = "rtc";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public RtcConfiguration defaults() {
    return RtcConfiguration.PC;
  }

  @Override
  public Device create(RtcConfiguration configuration, DeviceContext context) throws DeviceException {
    configuration.check();
    return new Rtc(configuration, context);
  }
}
