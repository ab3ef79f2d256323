/**
 * The IO APIC with 24 inputs (Intel 82093AA datasheet, order number 290566), with the EOI register that later chips
 * have (Intel ICH datasheets, "I/O APIC").
 */
package org.sallyport.irqchip.ioapic;
