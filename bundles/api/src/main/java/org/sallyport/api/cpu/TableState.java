package org.sallyport.api.cpu;

/**
 * GDTR or IDTR.
 *
 * @param base linear base address
 * @param limit 16-bit limit in bytes
 */
public record TableState(long base, int limit) {}
