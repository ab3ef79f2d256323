package org.sallyport.device.fwcfg;

import org.sallyport.api.device.InvalidState;

/**
 * The state of a {@link FwCfg}.
 *
 * @param key the item selected
 * @param offset the next byte of it
 * @param dmaHigh what was last written to the high half of the DMA address register
 * @param tablesBase guest-physical address that the pointers in {@code tables} take its first byte to be at
 * @param tables the machine's ACPI tables, or nothing
 * @param rsdp where in {@code tables} the RSDP is, by those addresses
 */
public record FwCfgState(int key, int offset, int dmaHigh, long tablesBase, byte[] tables, long rsdp) {
  void check() throws InvalidState {
    InvalidState.unless((key & ~0xffff) == 0, "key: more than 16 bits");
    InvalidState.unless(offset >= 0, "offset: it must not be negative");
    InvalidState.unless(tables != null, "tables: missing");
  }
}
