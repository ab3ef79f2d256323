package org.sallyport.cpu.vmx.interpret;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.decode.Decoder;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.InstructionBytes;
import org.sallyport.cpu.vmx.decode.TooLongException;
import org.sallyport.cpu.vmx.memory.GuestSlots;
import org.sallyport.cpu.vmx.memory.Host;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.system.ControlFlow;

/**
 * The decoded code of one processor: blocks by the physical page they were read from, so that they survive changes of the address
 * space, and a direct-mapped cache from instruction pointers to blocks.
 */
final class CodeCache {
  private static final int JUMP_SIZE = 1 << 14;
  private static final int MAX_OPS = 64;

  /** Beyond this many operations everything is thrown away: what is in use comes back soon. */
  private static final int MAX_TOTAL = 6_000_000;

  /** The blocks that begin in one physical page, or end in it. */
  private static final class Page {
    final long address;
    final GuestSlots.Slot slot;
    final Block[] chains = new Block[64];
    /** Which 64-byte pieces of the page hold code. */
    long granules;
    /** Blocks that begin in the page before and end in this one. */
    final List<Block> entering = new ArrayList<>(0);

    Page(long address, GuestSlots.Slot slot) {
      this.address = address;
      this.slot = slot;
    }
  }

  private final Cpu cpu;
  private final Block[] jump = new Block[JUMP_SIZE];
  private final PageMap<Page> pages = new PageMap<>();
  private final Decoder decoder = new Decoder();
  private final Instruction instruction = new Instruction();
  private final Fetch fetch = new Fetch();
  private int total;

  CodeCache(Cpu cpu) {
    this.cpu = cpu;
  }

  /** The block at an instruction pointer; raises the fault that fetching it raises. */
  Block lookup(long rip) {
    Block b = cached(rip);
    return b != null ? b : find(rip);
  }

  /** The block at an instruction pointer if the jump cache has it, else null. */
  Block cached(long rip) {
    Cpu c = cpu;
    Block b = jump[slot(rip)];
    if (b != null && b.rip == rip && b.mode == c.mode && b.csBase == c.csBase
        && b.generation == c.fetchGeneration(rip)) {
      return b;
    }
    return null;
  }

  private static int slot(long rip) {
    return (int) (rip ^ rip >>> 14) & JUMP_SIZE - 1;
  }

  private Block find(long rip) {
    Cpu c = cpu;
    c.checkCodeLimit(rip, 1);
    long linear = c.csBase + rip & c.linearMask;
    long physical = c.translateFetch(linear);
    Page page = pages.get(physical >>> 12);
    if (page != null) {
      for (Block b = page.chains[(int) physical & 63]; b != null; b = b.nextInPage) {
        if (b.physical == physical && b.matches(rip, c.csBase, c.mode) && valid(b, linear)) {
          return remember(b);
        }
      }
    }
    return decode(rip, linear, physical, page);
  }

  private boolean valid(Block b, long linear) {
    cpu.checkCodeLimit(b.rip, b.bytes);
    if (b.secondPage < 0) {
      return true;
    }
    long next = (linear | 0xfff) + 1 & cpu.linearMask;
    return cpu.translateFetch(next) == b.secondPage;
  }

  private Block remember(Block b) {
    b.generation = cpu.fetchGeneration(b.rip);
    jump[slot(b.rip)] = b;
    return b;
  }

  /** The block at an instruction pointer in the processor's present mode if it has been decoded and is there, else null. */
  Block existing(long rip) {
    Block b = cached(rip);
    if (b != null) {
      return b;
    }
    Cpu c = cpu;
    long physical;
    try {
      physical = c.translateFetch(c.csBase + rip & c.linearMask);
    } catch (GuestFault notThere) {
      return null;
    }
    Page page = pages.get(physical >>> 12);
    if (page != null) {
      for (b = page.chains[(int) physical & 63]; b != null; b = b.nextInPage) {
        if (b.physical == physical && b.matches(rip, c.csBase, c.mode) && b.secondPage < 0) {
          return b;
        }
      }
    }
    return null;
  }

  // ---- decoding --------------------------------------------------------------------------------------------------------------------

  private Block decode(long rip, long linear, long physical, Page known) {
    GuestSlots.Slot slot = cpu.slots.find(physical);
    Block block = new Block(rip, cpu.csBase, cpu.mode, physical);
    CodeMode mode = Cpu.codeMode(cpu.mode);
    boolean waiting = (cpu.mode & ControlFlow.WAITING) != 0;
    fetch.begin(rip, linear, physical, slot);
    Op last = null;
    long at = rip;
    int count = 0;
    while (true) {
      Op op;
      try {
        fetch.offset = (int) (at - rip);
        instruction.address = at;
        decoder.decode(fetch, mode, instruction);
        cpu.checkCodeLimit(at, instruction.length);
        op = Binder.bind(instruction, cpu);
        if (waiting) {
          op = GuardedBranches.first(op, instruction);
        }
      } catch (RuntimeException fault) {
        // A later instruction cannot be fetched: it faults when (and if) it is reached.
        if (last == null) {
          throw fault instanceof TooLongException ? cpu.gp() : fault;
        }
        op = new Binder.Continue(instruction, cpu);
        op.rip = at;
        op.length = 0;
        op.index = count - 1;
        last.next = op;
        break;
      }
      op.rip = at;
      op.length = instruction.length;
      op.index = count++;
      if (last == null) {
        block.begin(op);
      } else {
        last.next = op;
      }
      last = op;
      at += instruction.length;
      block.bytes = (int) (at - rip);
      boolean pageEnd = (linear & 0xfff) + block.bytes >= 4096;
      if (op instanceof EndOp) {
        break;
      }
      if (pageEnd || count == MAX_OPS || at > cpu.ripMask && cpu.ripMask > 0 || waiting) {
        Op end = new Binder.Continue(instruction, cpu);
        end.rip = at;
        end.length = 0;
        end.index = count - 1;
        op.next = end;
        break;
      }
    }
    if ((linear & 0xfff) + block.bytes > 4096) {
      block.secondPage = fetch.secondPage;
    }
    if (slot != null && (block.secondPage < 0 || cpu.slots.find(block.secondPage) != null)) {
      keep(block, known, slot, count);
    }
    return block;
  }

  private void keep(Block block, Page known, GuestSlots.Slot slot, int count) {
    total += count;
    if (total > MAX_TOTAL) {
      clear();
      known = null;
      total = count;
    }
    Page page = known != null ? known : page(block.physical, slot);
    int chain = (int) block.physical & 63;
    block.nextInPage = page.chains[chain];
    page.chains[chain] = block;
    int from = (int) block.physical & 0xfff;
    mark(page, from, Math.min(4095, from + block.bytes - 1));
    if (block.secondPage >= 0) {
      Page second = page(block.secondPage, cpu.slots.find(block.secondPage));
      second.entering.add(block);
      mark(second, 0, 15);
    }
    remember(block);
  }

  private static void mark(Page page, int from, int to) {
    for (int g = from >>> 6; g <= to >>> 6; g++) {
      page.granules |= 1L << g;
    }
  }

  private Page page(long physical, GuestSlots.Slot slot) {
    Page page = pages.get(physical >>> 12);
    if (page == null) {
      page = new Page(physical & ~0xfffL, slot);
      pages.put(physical >>> 12, page);
      cpu.slots.markCode(slot, page.address, cpu.index, true);
      cpu.codePageAdded(page.address);
    }
    return page;
  }

  // ---- invalidation ------------------------------------------------------------------------------------------------------------------

  /** Bytes of guest-physical memory have been written: blocks that were decoded from them are no more. */
  boolean written(long physical, long length) {
    boolean any = false;
    long end = physical + length;
    for (long p = physical & ~0xfffL; p < end; p += 4096) {
      Page page = pages.get(p >>> 12);
      if (page != null) {
        any |= writtenInPage(page, Math.max(p, physical), Math.min(p + 4096, end));
      }
    }
    return any;
  }

  private boolean writtenInPage(Page page, long from, long to) {
    int first = (int) (from & 0xfff) >>> 6;
    int last = (int) (to - 1 & 0xfff) >>> 6;
    long touched = -1L << first & -1L >>> 63 - last;
    if ((page.granules & touched) == 0) {
      return false;
    }
    boolean any = killBeginning(page, from, to) | killEntering(page, from, to);
    if (!any) {
      return false;
    }
    page.granules = 0;
    boolean empty = page.entering.isEmpty();
    for (Block chain : page.chains) {
      for (Block b = chain; b != null; b = b.nextInPage) {
        empty = false;
        int start = (int) b.physical & 0xfff;
        mark(page, start, Math.min(4095, start + b.bytes - 1));
      }
    }
    if (empty) {
      pages.remove(page.address >>> 12);
      cpu.slots.markCode(page.slot, page.address, cpu.index, false);
    } else if (!page.entering.isEmpty()) {
      mark(page, 0, 15);
    }
    return true;
  }

  private static boolean killBeginning(Page page, long from, long to) {
    boolean any = false;
    for (int i = 0; i < page.chains.length; i++) {
      Block kept = null;
      for (Block b = page.chains[i]; b != null;) {
        Block after = b.nextInPage;
        if (b.isDead()) {
          any = true;
        } else if (b.overlaps(from, to)) {
          b.kill();
          any = true;
        } else {
          b.nextInPage = kept;
          kept = b;
        }
        b = after;
      }
      page.chains[i] = kept;
    }
    return any;
  }

  /** The dead ones stay in the chain of the page where they begin until that is looked through. */
  private static boolean killEntering(Page page, long from, long to) {
    return page.entering.removeIf(b -> {
      if (!b.isDead() && b.overlaps(from, to)) {
        b.kill();
      }
      return b.isDead();
    });
  }

  /** Forgets all code. */
  void clear() {
    pages.forEach(page -> {
      for (Block chain : page.chains) {
        for (Block b = chain; b != null; b = b.nextInPage) {
          if (!b.isDead()) {
            b.kill();
          }
        }
      }
      cpu.slots.markCode(page.slot, page.address, cpu.index, false);
    });
    pages.clear();
    java.util.Arrays.fill(jump, null);
    total = 0;
  }

  /** Reads code bytes for the decoder; the second page is translated when its first byte is asked for. */
  private final class Fetch implements InstructionBytes {
    private long rip;
    private long linear;
    private long physical;
    private long host;
    private int untilPageEnd;
    private long secondHost;
    private boolean second;
    long secondPage;
    int offset;

    void begin(long startRip, long startLinear, long startPhysical, GuestSlots.Slot slot) {
      rip = startRip;
      linear = startLinear;
      physical = startPhysical;
      host = slot == null ? 0 : cpu.slots.host(physical);
      untilPageEnd = 4096 - (int) (linear & 0xfff);
      second = false;
      secondPage = -1;
    }

    @Override
    public int at(int distance) {
      int where = offset + distance;
      if (where < untilPageEnd) {
        return host == 0 ? 0xff : Host.get8(host + where) & 0xff; // nothing answers: the bus floats high
      }
      if (!second) {
        cpu.checkCodeLimit(rip + untilPageEnd, 1); // the limit comes before the page
        secondPage = cpu.translateFetch(linear + untilPageEnd & cpu.linearMask);
        secondHost = cpu.slots.host(secondPage);
        second = true;
      }
      return secondHost == 0 ? 0xff : Host.get8(secondHost + where - untilPageEnd) & 0xff;
    }
  }
}
