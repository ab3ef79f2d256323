/**
 * The NS16550A, a universal asynchronous receiver and transmitter with FIFOs: a PC's serial port (National
 * Semiconductor PC16550D datasheet, June 1995).
 */
package org.sallyport.device.uart16550;
