package org.sallyport.device.pci;

/** The bridge has no properties: its ports are fixed by the specification. */
public record PciConfiguration() {}
