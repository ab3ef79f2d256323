/**
 * The 8259A programmable interrupt controller, as the cascaded pair of a PC with the edge/level control registers of
 * the PIIX (Intel 8259A datasheet, order number 231468; Intel 82371AB (PIIX4) datasheet, "Interrupt Controller
 * Registers").
 */
package org.sallyport.irqchip.pic;
