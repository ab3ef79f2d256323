/**
 * The local APIC in xAPIC and x2APIC mode (Intel SDM volume 3A, chapter "Advanced Programmable Interrupt Controller
 * (APIC)"). Sections are cited by their titles, as their numbers change from edition to edition.
 */
package org.sallyport.irqchip.lapic;
