package org.sallyport.cpu.vmx.decode;

/** Where the decoder reads code from. */
public interface InstructionBytes {
  /**
   * The byte at this distance from the instruction's start, 0 to 14, as an unsigned value. May throw (a page fault) when the byte cannot
   * be fetched; the decoder asks for no byte that the processor would not need.
   */
  int at(int offset);
}
