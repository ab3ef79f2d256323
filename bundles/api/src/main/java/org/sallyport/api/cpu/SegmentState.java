package org.sallyport.api.cpu;

/**
 * A segment register with its hidden part.
 *
 * @param selector visible 16 bits
 * @param base linear base address
 * @param limit limit in bytes (already scaled by the granularity), 32 bits, unsigned
 * @param access access rights in the format of the VMCS (SDM volume 3, "Guest Register State"): type 3:0, S 4, DPL 6:5,
 *     P 7, AVL 12, L 13, D/B 14, G 15, unusable 16
 */
public record SegmentState(int selector, long base, int limit, int access) {
  /** A segment register loaded with a null selector. */
  public static final SegmentState UNUSABLE = new SegmentState(0, 0, 0, 0x10000);

  /** Whether an access through it faults: bit 16 of the access rights. */
  public boolean isUnusable() {
    return (access & 0x10000) != 0;
  }
}
