package org.sallyport.device.edu;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;

/** Offers the card to machines: device type {@value #TYPE}. */
@Component(property = DeviceFactory.PROPERTY + "=" + EduComponent.TYPE)
public final class EduComponent implements DeviceFactory<EduConfiguration> {
  static final String TYPE = "edu";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public EduConfiguration defaults() {
    return EduConfiguration.USUAL;
  }

  @Override
  public Device create(EduConfiguration configuration, DeviceContext context) throws DeviceException {
    configuration.check();
    return new Edu(configuration, context);
  }
}
