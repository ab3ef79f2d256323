package org.sallyport.cpu.vmx.translate;

import java.util.List;
import org.sallyport.cpu.vmx.interpret.Block;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Link;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.interpret.Translation;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * A region: blocks with their loops and the calls in them, compiled to one method with one entry. The generated classes extend this one
 * and implement {@link #execute}.
 */
public abstract class Region extends Translation {
  /** Operations of instructions that may fault, leave, or are executed as they are. */
  protected Op[] ops;

  /** What follows each of them in its block, as long as its code is not changed. */
  private Op[] following;

  /** Ways out to constant targets. */
  private Exit[] exits;

  /** Code has changed: to be left after the present instruction. */
  protected boolean dead;

  private List<Block> blocks;
  private long start;
  private long[] pages;
  private int generation;
  private boolean faultsOnStack;

  /** A way out: to an instruction pointer, with the memory of the block that is there. */
  record Exit(Op from, long target, Link link) {}

  /** Completes a new instance. */
  final void complete(RegionGraph graph, List<Op> operations, List<Exit> ways) {
    ops = operations.toArray(Op[]::new);
    following = operations.stream().map(op -> op.next).toArray(Op[]::new);
    exits = ways.toArray(Exit[]::new);
    blocks = graph.blocks();
    pages = graph.otherPages();
    start = graph.head().block.rip();
    rip = start;
  }

  /** Puts the region in the place of its first block. */
  final void install(Cpu cpu) {
    if (blocks.stream().anyMatch(Block::isDead)) {
      blocks.getFirst().restore();
      return;
    }
    blocks.forEach(b -> b.addTranslation(this));
    generation = cpu.fetchGeneration(start) - 1;
    blocks.getFirst().replace(this);
  }

  @Override
  public final void discard() {
    if (!dead) {
      dead = true;
      blocks.forEach(b -> b.removeTranslation(this));
      if (!blocks.getFirst().isDead()) {
        blocks.getFirst().restore();
      }
    }
  }

  // ---- called by the generated code ----------------------------------------------------------------------------------------------------

  /** Whether a page of the region beyond the first block's may be another one now, or code may not be executed as it was compiled. */
  protected final boolean stale(Cpu c) {
    return generation != c.fetchGeneration(start) && !valid(c);
  }

  /** As {@link #stale}, for 32-bit code, whose segment may have got a limit. */
  protected final boolean staleOrLimited(Cpu c) {
    return c.csLimited() || stale(c);
  }

  private boolean valid(Cpu c) {
    if (!c.translatable()) {
      return false;
    }
    try {
      for (int i = 0; i < pages.length; i += 2) {
        if (c.translateFetch(pages[i]) != pages[i + 1]) {
          return false;
        }
      }
    } catch (GuestFault notThere) {
      return false;
    }
    generation = c.fetchGeneration(start);
    return true;
  }

  /** Executes the first block as it is. */
  protected final Op plain() {
    return blocks.getFirst().plain();
  }

  protected static void flags(Cpu c, int kind, long first, long second, long result) {
    c.result = Lazy.result(kind, result);
    c.carries = Lazy.carries(kind, first, second, result);
  }

  /** Leaves for a constant target. */
  protected final Op leave(Cpu c, int exit) {
    Exit e = exits[exit];
    return e.link.follow(c, e.from, e.target);
  }

  /** An instruction faults or is executed as it is: says which. */
  protected final void at(int instruction) {
    Op op = ops[instruction];
    rip = op.rip;
    length = op.length;
    index = op.index;
    faultsOnStack = op.usesStack();
  }

  /** Whether an operation that was executed as it is goes on elsewhere than it did when the region was compiled. */
  protected final boolean diverts(Op next, int instruction) {
    return dead || next != following[instruction];
  }

  @Override
  public final boolean usesStack() {
    return faultsOnStack;
  }

  /** The target of an indirect jump has to be canonical. */
  protected static void checkTarget(Cpu c, long target) {
    if (target << 16 >> 16 != target && !c.canonical(target)) {
      throw c.gp();
    }
  }

  /** What is wrong with the stack comes before what is wrong with the target. */
  protected static void checkCall(Cpu c, long target, long stack) {
    if (target << 16 >> 16 != target && !c.canonical(target)) {
      c.checkWrite(stack, 8);
      throw c.gp();
    }
  }

  /** The 4 bytes at this address of the stack, which has no limit but that of its addresses. */
  protected static void checkStack(Cpu c, long address) {
    if (address > 0xffff_fffcL) {
      throw c.fault(Vector.SS, 0);
    }
  }

  /** The operand of an instruction that uses the stack besides: #GP(0), not #SS(0), where it is not canonical. */
  protected static long besidesStack(Cpu c, long address) {
    checkTarget(c, address);
    checkTarget(c, address + 7);
    return address;
  }
}
