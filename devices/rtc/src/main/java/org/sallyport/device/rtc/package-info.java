/**
 * The real-time clock and CMOS memory of a PC (Motorola MC146818A datasheet, 1984; Intel 82371AB (PIIX4) datasheet,
 * "Real Time Clock", for the second half of the memory).
 */
package org.sallyport.device.rtc;
