package org.sallyport.api.device;

import java.util.List;

/** The port side of a device. */
public interface PortIo {
  /**
   * The ports it answers; fixed for the life of the device unless it says otherwise by {@link
   * DeviceContext#rangesChanged()}.
   */
  List<PortRange> portRanges();

  /**
   * A read inside one of the ranges.
   *
   * @param port absolute port number, 0 to 0xFFFF
   * @param size 1, 2 or 4 bytes. An access that leaves the range is split by the machine
   * @return the value in the low bytes; what is above them is ignored
   */
  int readPort(int port, int size);

  /** A write inside one of the ranges; the value is zero-extended. */
  void writePort(int port, int size, int value);
}
