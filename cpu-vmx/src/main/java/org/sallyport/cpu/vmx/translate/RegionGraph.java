package org.sallyport.cpu.vmx.translate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sallyport.cpu.vmx.decode.Decoder;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Block;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.EndOp;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.memory.Host;

/**
 * The blocks of a region and how control goes from one to the other: what can be reached from a hot block by direct jumps and calls and
 * has been executed before. Functions that are called are taken in once for each place that calls them, so that their returns are jumps
 * too, as long as the return address on the stack is the expected one.
 */
final class RegionGraph {
  private static final int MAX_CALLS = 4;

  /** Calls that are open at a node: where they return to. */
  record Calls(long returnTo, Calls outer, int depth) {}

  private record Key(long rip, Calls calls) {}

  /** A block in the region, at one place. */
  static final class Node {
    final Block block;
    final Calls calls;
    final List<Instruction> code = new ArrayList<>();
    final List<Op> ops = new ArrayList<>();
    Node taken;
    Node otherwise;

    /** Place in the emitted code. */
    int order = -1;

    /** Ways in, those from later nodes among them. */
    int entries;

    /** A node that comes later leads here. */
    boolean loopHead;

    private Node(Block block, Calls calls) {
      this.block = block;
      this.calls = calls;
    }

    /** The operation that ends the block. */
    Op last() {
      return ops.getLast();
    }

    /** The instruction that ends the block, or null when the block just goes on in the next one. */
    Instruction end() {
      return code.size() == ops.size() ? code.getLast() : null;
    }

    int instructions() {
      return last().index + 1;
    }
  }

  private final Cpu cpu;
  private final int budget;
  private final Map<Key, Node> nodes = new HashMap<>();
  private final Map<Block, Node> decoded = new HashMap<>();
  private final List<Node> inOrder = new ArrayList<>();
  private final long ripMask;
  private final long start;
  private int size;

  /** Of at most {@code budget} instructions. On the processor's own thread, in the mode of the block. */
  RegionGraph(Cpu cpu, Block head, int budget) {
    this.cpu = cpu;
    this.budget = budget;
    ripMask = cpu.ripMask;
    start = head.rip();
    Node first = node(head, null);
    if (first != null) {
      grow(first);
      order(first);
    }
  }

  /** Whether there is nothing that could be compiled. */
  boolean isEmpty() {
    return inOrder.isEmpty();
  }

  Node head() {
    return inOrder.getFirst();
  }

  /** In the order of the emitted code: the head first, a node after those that lead to it but for loops. */
  List<Node> nodes() {
    return inOrder;
  }

  /** How many instructions it has. */
  int size() {
    return size;
  }

  /** Whether it is code of 64-bit mode; otherwise 32-bit code with flat segments. */
  boolean wide() {
    return ripMask == -1;
  }

  boolean severalProcessors() {
    return cpu.smp;
  }

  // ---- growing ---------------------------------------------------------------------------------------------------------------------

  /** Breadth first, so that what is near the head has precedence. */
  private void grow(Node first) {
    List<Node> queue = new ArrayList<>(List.of(first));
    for (int i = 0; i < queue.size(); i++) {
      Node n = queue.get(i);
      int before = nodes.size();
      link(n);
      if (nodes.size() > before) {
        for (Node next : new Node[]{n.taken, n.otherwise}) {
          if (next != null && !queue.contains(next)) {
            queue.add(next);
          }
        }
      }
    }
  }

  private void link(Node n) {
    Instruction end = n.end();
    long behind = n.last().nextRip() & ripMask;
    if (end == null) {
      n.taken = reach(behind, n.calls);
      return;
    }
    boolean relative = end.operands > 0 && end.kind[0] == OperandKind.RELATIVE;
    switch (end.mnemonic) {
      case J -> {
        n.otherwise = reach(behind, n.calls);
        n.taken = reach(target(end), n.calls);
      }
      case JMP -> n.taken = relative ? reach(target(end), n.calls) : null;
      case CALL -> {
        if (relative && depth(n.calls) < MAX_CALLS) {
          n.taken = reach(target(end), new Calls(behind, n.calls, depth(n.calls) + 1));
        }
      }
      case RET -> n.taken = n.calls != null ? reach(n.calls.returnTo, n.calls.outer) : null;
      default -> {}
    }
  }

  private static int depth(Calls calls) {
    return calls == null ? 0 : calls.depth;
  }

  /** Where a direct jump or call leads to. */
  long target(Instruction in) {
    long mask = wide() ? -1 : in.operandSize == 4 ? 0xffffffffL : 0xffff;
    return in.address + in.length + in.immediate & mask;
  }

  private Node reach(long rip, Calls calls) {
    Node known = nodes.get(new Key(rip, calls));
    if (known != null) {
      return known;
    }
    boolean otherHalf = (rip ^ start) < 0; // it may change at other times
    Block block = otherHalf ? null : cpu.existingBlock(rip);
    return block == null ? null : node(block, calls);
  }

  private Node node(Block block, Calls calls) {
    Node n = new Node(block, calls);
    Node same = decoded.get(block);
    if (same != null) {
      n.code.addAll(same.code);
      n.ops.addAll(same.ops);
    } else if (!decode(n)) {
      return null;
    }
    if (size + n.code.size() > budget && !nodes.isEmpty()) {
      return null;
    }
    decoded.putIfAbsent(block, n);
    size += n.code.size();
    nodes.put(new Key(block.rip(), calls), n);
    return n;
  }

  /** Decodes the block again, beside its operations; false when that is not possible. */
  private boolean decode(Node n) {
    Block block = n.block;
    long first = cpu.slots.host(block.physical());
    int inPage = 4096 - (int) (block.physical() & 0xfff);
    long second = block.secondPage() < 0 ? 0 : cpu.slots.host(block.secondPage());
    if (first == 0 || block.secondPage() >= 0 && second == 0) {
      return false;
    }
    Decoder decoder = new Decoder();
    int at = 0;
    for (Op op = block.plain(); op != null; op = op.next) {
      n.ops.add(op);
      if (op.length == 0) {
        return true; // the block goes on in the next one
      }
      int start = at;
      Instruction in = new Instruction();
      in.address = op.rip;
      decoder.decode(d -> {
        int where = start + d;
        return Host.get8(where < inPage ? first + where : second + where - inPage) & 0xff;
      }, cpu.codeMode(), in);
      if (in.length != op.length || in.mnemonic == Mnemonic.INVALID) {
        return false;
      }
      n.code.add(in);
      at += in.length;
    }
    return n.last() instanceof EndOp;
  }

  // ---- order -----------------------------------------------------------------------------------------------------------------------

  private void order(Node first) {
    List<Node> finished = new ArrayList<>();
    visit(first, new HashSet<>(), finished);
    inOrder.addAll(finished.reversed());
    for (int i = 0; i < inOrder.size(); i++) {
      inOrder.get(i).order = i;
    }
    for (Node n : inOrder) {
      for (Node next : new Node[]{n.taken, n.otherwise}) {
        if (next != null) {
          next.entries++;
          next.loopHead |= next.order <= n.order;
        }
      }
    }
    first.entries++;
    size = inOrder.stream().mapToInt(n -> n.code.size()).sum();
  }

  // The depth is that of the region's longest chain of blocks, a few hundred at most.
  private void visit(Node n, Set<Node> seen, List<Node> finished) {
    if (seen.add(n)) {
      if (n.taken != null) {
        visit(n.taken, seen, finished);
      }
      if (n.otherwise != null) {
        visit(n.otherwise, seen, finished);
      }
      finished.add(n);
    }
  }

  // ---- what it is made of ------------------------------------------------------------------------------------------------------------

  /** The head first. */
  List<Block> blocks() {
    Set<Block> all = new LinkedHashSet<>();
    inOrder.forEach(n -> all.add(n.block));
    return List.copyOf(all);
  }

  /** Pairs of linear and physical addresses of the pages it lies in, without the page of the head. */
  long[] otherPages() {
    Map<Long, Long> pages = new HashMap<>();
    for (Block b : blocks()) {
      pages.put(b.rip() & ~0xfffL, b.physical() & ~0xfffL);
      if (b.secondPage() >= 0) {
        pages.put((b.rip() | 0xfff) + 1 & ripMask, b.secondPage());
      }
    }
    pages.remove(head().block.rip() & ~0xfffL);
    return pages.entrySet().stream().flatMapToLong(e -> java.util.stream.LongStream.of(e.getKey(), e.getValue()))
        .toArray();
  }
}
