package org.sallyport.api.device;

/** The bus behind a PCI host bridge. A capability of the bridge; the machine attaches every {@link PciFunction} to it. */
public interface PciBus {
  /**
   * @throws DeviceException when the slot is taken
   */
  void attach(PciFunction function) throws DeviceException;

  void detach(PciFunction function);
}
