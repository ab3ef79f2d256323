package org.sallyport.api.device;

/**
 * The bus behind a PCI host bridge. A capability of the bridge; the machine attaches every {@link PciFunction} to it.
 */
public interface PciBus {
  /**
   * Puts a function into the slot that {@link PciFunction#deviceFunction()} names.
   *
   * @throws DeviceException when the slot is taken
   */
  void attach(PciFunction function) throws DeviceException;

  /** Takes a function out; its slot reads as empty. Does nothing when it is not there. */
  void detach(PciFunction function);
}
