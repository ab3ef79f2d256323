/**
 * Machines: what owns the memory, the buses, the interrupt wiring, the clock and the processors' threads, and what
 * gives them to the chips. Nothing here knows a chip or a CPU backend by class; they come in through {@link
 * org.sallyport.machine.Plugins}.
 */
package org.sallyport.machine;
