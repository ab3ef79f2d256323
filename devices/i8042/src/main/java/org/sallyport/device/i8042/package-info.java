/** The keyboard controller of a PC with its keyboard, and what hangs on it by history: the A20 gate and a reset. */
package org.sallyport.device.i8042;
