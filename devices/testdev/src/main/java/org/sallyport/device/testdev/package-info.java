/**
 * What test programs for x86 virtual machines, above all those of kvm-unit-tests, want of a machine beside a PC: a
 * latch behind ports, interrupt lines that the program itself can set, and memory that is no RAM.
 */
package org.sallyport.device.testdev;
