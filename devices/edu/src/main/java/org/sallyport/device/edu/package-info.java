/**
 * A PCI card to learn and to test with, which computes factorials, copies memory by DMA, and interrupts by a pin or by
 * messages. Its registers are those of QEMU's device of the same name, as its documentation specifies them (QEMU, "EDU
 * device"), so that drivers for that one, of which there are many, work here.
 */
package org.sallyport.device.edu;
