package org.sallyport.irqchip.ioapic;

import static org.sallyport.irqchip.ioapic.IoApicRegisters.*;

import org.sallyport.api.device.InvalidState;

/**
 * What an IO APIC remembers.
 *
 * @param select IOREGSEL
 * @param id APIC identifier
 * @param arbitration arbitration identifier
 * @param table redirection table, 24 entries
 * @param levels levels of the pins: bit n for pin n
 */
public record IoApicState(int select, int id, int arbitration, long[] table, int levels) {
  void validate() throws InvalidState {
    InvalidState.unless((select & ~0xff) == 0, "select: " + select + " is no byte");
    InvalidState.unless((id & ~ID_MASK) == 0, "id: " + id + " is not below 16");
    InvalidState.unless((arbitration & ~ID_MASK) == 0, "arbitration: " + arbitration + " is not below 16");
    InvalidState.unless(levels >>> PINS == 0, "levels: a pin above 23 is set");
    InvalidState.unless(table != null && table.length == PINS, "table: not 24 entries");
    for (int pin = 0; pin < PINS; pin++) {
      long entry = table[pin];
      InvalidState.unless((entry & ~(WRITABLE | READ_ONLY)) == 0, "table[" + pin + "]: a reserved bit is set");
      InvalidState.unless((entry & REMOTE_IRR) == 0 || IoApic82093.isLevel(entry),
          "table[" + pin + "]: remote IRR is set for an edge-triggered interrupt");
    }
  }
}
