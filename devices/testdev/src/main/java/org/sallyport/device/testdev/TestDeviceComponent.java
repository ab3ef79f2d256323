package org.sallyport.device.testdev;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceFactory;

/** Offers test devices to machines: device type {@value #TYPE}. */
@Component(property = DeviceFactory.PROPERTY + "=" + TestDeviceComponent.TYPE)
public final class TestDeviceComponent implements DeviceFactory<TestDeviceConfiguration> {
  static final String TYPE = "testdev";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public TestDeviceConfiguration defaults() {
    return new TestDeviceConfiguration();
  }

  @Override
  public Device create(TestDeviceConfiguration configuration, DeviceContext context) {
    return new TestDevice(context);
  }
}
