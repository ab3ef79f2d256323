/**
 * The 8254 programmable interval timer of a PC with the speaker's gate at port 0x61 (Intel 8254 datasheet, order number
 * 231164).
 */
package org.sallyport.device.pit8254;
