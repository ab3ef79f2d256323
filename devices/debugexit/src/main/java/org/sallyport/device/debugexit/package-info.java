/**
 * Two ports for test programs, as other virtual machines have them too: one ends the run with a status, the other
 * prints a character.
 */
package org.sallyport.device.debugexit;
