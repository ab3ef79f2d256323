package org.sallyport.device.testdev;

/** The device has no properties: programs expect everything where it is. */
public record TestDeviceConfiguration() {}
