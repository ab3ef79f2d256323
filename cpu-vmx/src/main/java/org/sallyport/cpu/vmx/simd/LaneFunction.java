package org.sallyport.cpu.vmx.simd;

/** Floating-point arithmetic on one lane. */
@FunctionalInterface
interface LaneFunction {
  /**
   * Computes a lane of the destination and notes exceptions.
   *
   * @param x the destination's lane; of singles, the lower 32 bits count
   * @param y the source's lane; likewise
   * @return the result; singles zero-extended
   */
  long apply(SoftFloat s, long x, long y);
}
