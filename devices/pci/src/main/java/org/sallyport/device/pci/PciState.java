package org.sallyport.device.pci;

/**
 * The state of the bridge.
 *
 * @param address CONFIG_ADDRESS
 * @param resetControl the reset control register
 * @param command the bridge's own command register
 * @param specific its chip-specific registers, 192 bytes
 */
public record PciState(int address, int resetControl, int command, byte[] specific) {}
