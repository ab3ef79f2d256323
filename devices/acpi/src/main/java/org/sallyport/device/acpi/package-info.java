/** The fixed hardware of ACPI: events, sleep, power-management timer, power button and reset register. */
package org.sallyport.device.acpi;
