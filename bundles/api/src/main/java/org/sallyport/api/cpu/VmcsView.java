package org.sallyport.api.cpu;

import java.util.List;

/** A VMCS for reading: all fields that the implementation has, in the order of the SDM's appendix B (volume 3). */
public interface VmcsView {
  /** The fields with the values that they have now; of a backend's view, while the processor stands. */
  List<Field> fields();

  /**
   * One field.
   *
   * @param name the SDM's name of the field, for instance {@code Guest RIP}
   * @param encoding the SDM's encoding (volume 3, appendix B)
   * @param bits width: 16, 32 or 64 (natural-width fields are 64 bits wide)
   * @param meaning the value in words where it has some (exit reasons, control bits), else the empty string
   */
  record Field(String name, int encoding, int bits, long value, String meaning) {}
}
