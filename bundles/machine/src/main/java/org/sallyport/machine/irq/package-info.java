/** Interrupt wiring of a PC: lines with their ledger, the inputs of PIC and IO APIC, and the bus between the APICs. */
package org.sallyport.machine.irq;
