package org.sallyport.api.device;

/** The configuration space of a PCI function (PCI Local Bus Specification 3.0, chapter 6). A capability of devices. */
public interface PciFunction {
  /** Where it sits on bus 0: device number in bits 7:3, function number in bits 2:0. */
  int deviceFunction();

  /**
   * Reads configuration space.
   *
   * @param offset 0 to 255, a multiple of {@code size}
   * @param size 1, 2 or 4 bytes
   */
  int readConfig(int offset, int size);

  /**
   * Writes configuration space; read-only bits stay as they are.
   *
   * @param offset 0 to 255, a multiple of {@code size}
   * @param size 1, 2 or 4 bytes
   * @param value in the low bytes; what is above them is ignored
   */
  void writeConfig(int offset, int size, int value);
}
