package org.sallyport.device.fwcfg;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;

/** Offers fw_cfg to machines: device type {@value #TYPE}. */
@Component(property = DeviceFactory.PROPERTY + "=" + FwCfgComponent.TYPE)
public final class FwCfgComponent implements DeviceFactory<FwCfgConfiguration> {
  static final String TYPE = "fwcfg";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public FwCfgConfiguration defaults() {
    return FwCfgConfiguration.USUAL;
  }

  @Override
  public Device create(FwCfgConfiguration configuration, DeviceContext context) throws DeviceException {
    configuration.check();
    return new FwCfg(configuration, context.memory());
  }
}
