package org.sallyport.cpu.vmx.interpret;

import java.util.ArrayList;
import java.util.List;

/** Decoded instructions that are executed one after the other; the last one is an {@link EndOp}. */
public final class Block {
  /** No instruction pointer has this value: the key of a block that is no more. */
  private static final long DEAD = 0x8000_0000_0000_0001L;

  private static final int COOL = 100;

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
  private Op plain;

  /** What is executed for this block: its first operation, or a translation that begins with it. */
  Op first;

  /** How often it was seen in samples of what is executed; negative when that does not matter any more. */
  int heat;

  /** Translations that contain this block. */
  private final List<Translation> translations = new ArrayList<>(0);

  /** The {@link Cpu#fetchGeneration(long)} for which {@link #physical} is known to be what the instruction pointer means. */
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

  /** Whether what it was decoded from has changed. */
  public boolean isDead() {
    return rip == DEAD;
  }

  /** Instruction pointer of the first instruction. */
  public long rip() {
    return rip;
  }

  /** Guest-physical address of the first byte. */
  public long physical() {
    return physical;
  }

  /** Bytes of code. */
  public int bytes() {
    return bytes;
  }

  /** Guest-physical page of the last instruction's end where that is in another page, else -1. */
  public long secondPage() {
    return secondPage;
  }

  /** The first operation, never a translation. */
  public Op plain() {
    return plain;
  }

  void begin(Op op) {
    plain = op;
    first = op;
  }

  // ---- translations ------------------------------------------------------------------------------------------------------------------

  /** From now on {@code translation} is executed instead of this block. */
  public void replace(Translation translation) {
    first = translation;
  }

  /** The block is executed as it is again; it may become hot anew, but not at once. */
  public void restore() {
    first = plain;
    heat = Math.min(heat, 0) - COOL;
  }

  /** A translation has this block in it and is to be discarded with it. */
  public void addTranslation(Translation translation) {
    translations.add(translation);
  }

  public void removeTranslation(Translation translation) {
    translations.remove(translation);
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
    Op op = plain;
    while (op.next != null) {
      Op after = op.next;
      op.next = new Resync(op.nextRip(), op.index + 1);
      op = after;
    }
    begin(new Resync(rip, 0));
    rip = DEAD;
    List.copyOf(translations).forEach(Translation::discard);
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
