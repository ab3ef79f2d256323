/** The machine's time and its timers. */
package org.sallyport.machine.clock;
