package org.sallyport.cpu.vmx.state;

import org.sallyport.api.cpu.SegmentState;

/**
 * A segment register with its hidden part, and what an access check needs of it in ready-made form. The access rights have the format of
 * the VMCS (see {@link SegmentState#access}).
 */
public final class Segment {
  // @formatter:off
  public static final int ES = 0, CS = 1, SS = 2, DS = 3, FS = 4, GS = 5, LDTR = 6, TR = 7;

  public static final int TYPE     = 0xf;      // type field; for code and data: bit 0 accessed, 1 writable/readable, 2 expand-down/conforming, 3 code
  public static final int S        = 1 << 4;   // code or data (not system)
  public static final int DPL      = 3 << 5;
  public static final int P        = 1 << 7;   // present
  public static final int AVL      = 1 << 12;
  public static final int L        = 1 << 13;  // 64-bit code
  public static final int DB       = 1 << 14;  // default operation size
  public static final int G        = 1 << 15;  // granularity
  public static final int UNUSABLE = 1 << 16;
  // @formatter:on

  public int selector;
  public long base;

  /** In bytes, already scaled; 0 to 0xFFFFFFFF. */
  public long limit;

  public int access;

  /** Offsets that may be read: first and last; empty (first above last) where nothing may. */
  public long readFirst;

  public long readLast;

  /** Offsets that may be written. */
  public long writeFirst;

  public long writeLast;

  public void set(int newSelector, long newBase, long newLimit, int newAccess) {
    selector = newSelector & 0xffff;
    base = newBase;
    limit = newLimit & 0xffffffffL;
    access = newAccess;
    refresh();
  }

  /** Makes the register unusable, as loading a null selector does. */
  public void setNull(int newSelector) {
    set(newSelector, 0, 0, UNUSABLE | access & DPL);
  }

  /** Makes the register unusable as a return to an outer level does: the base stays. */
  public void drop() {
    set(0, base, 0, UNUSABLE | access & DPL);
  }

  public void set(SegmentState s) {
    set(s.selector(), s.base(), s.limit(), s.access());
  }

  public SegmentState state() {
    return new SegmentState(selector, base, (int) limit, access);
  }

  public int dpl() {
    return access >> 5 & 3;
  }

  public boolean usable() {
    return (access & UNUSABLE) == 0;
  }

  public boolean big() {
    return (access & DB) != 0;
  }

  private void refresh() {
    long first = 0;
    long last = limit;
    boolean code = (access & 8) != 0;
    if (!code && (access & 4) != 0) { // expand-down: what lies above the limit
      first = limit + 1;
      last = big() ? 0xffffffffL : 0xffff;
    }
    boolean present = usable() && (access & (P | S)) == (P | S);
    boolean readable = present && (!code || (access & 2) != 0);
    boolean writable = present && !code && (access & 2) != 0;
    readFirst = readable ? first : 1;
    readLast = readable ? last : 0;
    writeFirst = writable ? first : 1;
    writeLast = writable ? last : 0;
  }

  /** Whether offsets are linear addresses and nothing below 4 GiB can fail. */
  public boolean flat() {
    return base == 0 && writeFirst == 0 && writeLast == 0xffffffffL;
  }
}
