package org.sallyport.cpu.vmx.interpret;

/** Decoded instructions that are executed one after the other; the last one is an {@link EndOp}. */
final class Block {
  /** No instruction pointer has this value: the key of a block that is no more. */
  private static final long DEAD = 0x8000_0000_0000_0001L;

  long rip;
  final long csBase;
  final int mode;

  /** Guest-physical address of the first byte. */
  final long physical;

  /** Bytes of code. */
  int bytes;

  /** Guest-physical page of the last instruction's end where that is in another page, else -1. */
  long secondPage = -1;

  /** The first operation; after invalidation one that leads back to the run loop. */
  Op first;

  /** The {@link Cpu#fetchGeneration} for which {@link #physical} is known to be what the instruction pointer means. */
  int generation;

  Block nextInPage;

  Block(long rip, long csBase, int mode, long physical) {
    this.rip = rip;
    this.csBase = csBase;
    this.mode = mode;
    this.physical = physical;
  }

  boolean matches(long wantedRip, long wantedBase, int wantedMode) {
    return rip == wantedRip && csBase == wantedBase && mode == wantedMode;
  }

  boolean isDead() {
    return rip == DEAD;
  }

  /** Whether code of the block lies in these bytes. */
  boolean overlaps(long from, long to) {
    if (secondPage >= 0 && from < secondPage + 16 && secondPage < to) {
      return true;
    }
    return physical < to && from < physical + bytes;
  }

  /** Makes every way into this block, and every way on from one of its operations, lead to the run loop, which decodes anew. */
  void kill() {
    Op op = first;
    while (op.next != null) {
      Op after = op.next;
      op.next = new Resync(op.nextRip(), op.index + 1);
      op = after;
    }
    first = new Resync(rip, 0);
    rip = DEAD;
  }

  /** Goes on in the run loop: what stood here has been overwritten. */
  private static final class Resync extends Op {
    private final int executed;

    Resync(long rip, int executed) {
      this.rip = rip;
      this.executed = executed;
    }

    @Override
    public Op execute(Cpu cpu) {
      cpu.instructions += executed;
      cpu.rip = rip & cpu.ripMask;
      return null;
    }
  }
}
