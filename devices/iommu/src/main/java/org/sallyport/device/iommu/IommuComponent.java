package org.sallyport.device.iommu;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;

/** Offers IOMMUs to machines: device type {@value #TYPE}. */
@Component(property = DeviceFactory.PROPERTY + "=" + IommuComponent.TYPE)
public final class IommuComponent implements DeviceFactory<IommuConfiguration> {
  static final String TYPE = "iommu";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public IommuConfiguration defaults() {
    return IommuConfiguration.USUAL;
  }

  @Override
  public Device create(IommuConfiguration configuration, DeviceContext context) throws DeviceException {
    configuration.check();
    return new IntelIommu(configuration, context);
  }
}
