/**
 * A bench for tests of devices: a clock to step, lines that remember, memory, a far end for characters, and ports and
 * windows to access, without a CPU and without a machine. For tests only; {@link org.sallyport.device.bench.Bench} is
 * the place to begin.
 */
package org.sallyport.device.bench;
