package org.sallyport.api.device;

/** A device through which firmware asks what machine it is on. A capability of devices. */
public interface FirmwareChannel {
  /**
   * The machine's ACPI tables, for firmware that puts them into memory itself.
   *
   * @param base guest-physical address that the pointers in the tables take the first byte to be at, a multiple of 64
   * @param bytes a piece of memory that has all the tables and the RSDP in it
   * @param rsdp guest-physical address of the RSDP, by the same reckoning
   * @throws IllegalArgumentException when that is no set of tables; nothing has changed then
   */
  void tables(long base, byte[] bytes, long rsdp);
}
