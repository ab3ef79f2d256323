package org.sallyport.cpu.vmx.interpret;

/** A direct jump's memory of the block it leads to. */
public final class Link {
  private Block block;
  private int generation;

  /** Where it leads to is in the page it comes from: nothing but a change of the code itself can redirect it. */
  private boolean local;

  /** Goes to a constant target; the caller has counted the block's instructions. */
  public Op follow(Cpu cpu, Op from, long target) {
    if (!cpu.attention) {
      Block b = block;
      if (b != null && b.rip == target && (local || generation == cpu.fetchGeneration(target))) {
        if (--cpu.untilSample < 0) {
          cpu.sample(b);
        }
        return b.first;
      }
      local = from.length > 0 && (from.rip ^ target) >>> 12 == 0; // a block that just goes on does so in the next page
      cpu.pendingLink = this;
    }
    cpu.rip = target;
    return null;
  }

  /** The run loop has found the block. */
  void resolved(Block found, int fetchGeneration) {
    block = found;
    local &= found.secondPage < 0; // what is behind the page may be another one later
    generation = fetchGeneration;
  }
}
