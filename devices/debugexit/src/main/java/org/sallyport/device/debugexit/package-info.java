/**
 * Ports for test programs, as other virtual machines have them too: one ends the run with a status, one prints a
 * character, one switches the machine off when a word is written to it.
 */
package org.sallyport.device.debugexit;
