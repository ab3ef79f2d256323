package org.sallyport.cpu.vmx.translate;

import static java.lang.constant.ConstantDescs.CD_Throwable;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Link;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.translate.RegionGraph.Node;

/** Writes the class of a region. */
final class RegionCompiler {
  /** HotSpot never compiles a method with more bytecode than this. */
  static final int HUGE_METHOD = 8000;

  static final String NAME = "Region$";

  private static final int ALL = 0xffff;
  private static final MethodTypeDesc EXECUTE = MethodTypeDesc.of(Code.OP, Code.CPU_CLASS);

  private final RegionGraph graph;
  private final List<Op> ops = new ArrayList<>();
  private final List<Region.Exit> exits = new ArrayList<>();
  private final Map<Node, Label> labels = new HashMap<>();
  private final Map<Node, Integer> kinds = new HashMap<>();
  private final List<Runnable> later = new ArrayList<>();
  private final List<Label[]> unguarded = new ArrayList<>();
  private Code c;
  private CodeBuilder b;
  private Label leave;
  private Label leaveIndirect;

  RegionCompiler(RegionGraph graph) {
    this.graph = graph;
  }

  List<Op> ops() {
    return ops;
  }

  List<Region.Exit> exits() {
    return exits;
  }

  /** The class file; null when the method became too large for HotSpot. */
  byte[] compile() {
    ClassFile file = ClassFile.of();
    ClassDesc name = ClassDesc.of(Region.class.getPackageName(), NAME + Long.toHexString(graph.head().block.rip()));
    byte[] bytes;
    try {
      bytes = build(file, name);
    } catch (IllegalArgumentException tooLarge) {
      return null;
    }
    int size = file.parse(bytes).methods().stream().flatMap(m -> m.code().stream())
        .mapToInt(code -> ((CodeAttribute) code).codeLength()).max().orElse(0);
    return size < HUGE_METHOD ? bytes : null;
  }

  private byte[] build(ClassFile file, ClassDesc name) {
    return file.build(name, type -> type.withSuperclass(Code.REGION)
        .withFlags(AccessFlag.FINAL, AccessFlag.SYNTHETIC)
        .withMethodBody("<init>", MTD_void, 0,
            body -> body.aload(0).invokespecial(Code.REGION, "<init>", MTD_void).return_())
        .withMethodBody("execute", EXECUTE, ClassFile.ACC_PUBLIC, this::execute));
  }

  // ---- the frame of the method -------------------------------------------------------------------------------------------------------

  private void execute(CodeBuilder builder) {
    // It is called again where jumps turn out to be long.
    ops.clear();
    exits.clear();
    later.clear();
    unguarded.clear();
    kinds.clear();
    b = builder;
    c = new Code(builder, graph.wide(), graph.severalProcessors());
    leave = b.newLabel();
    leaveIndirect = b.newLabel();
    graph.nodes().forEach(n -> labels.put(n, b.newLabel()));
    enter();
    Label start = b.newBoundLabel();
    for (Node n : graph.nodes()) {
      node(n);
    }
    // What is rare comes behind what is not; it may add to itself.
    for (int i = 0; i < later.size(); i++) {
      later.get(i).run();
    }
    Label end = b.newBoundLabel();
    leave(leave, () -> {
      b.aload(Code.THIS).aload(Code.CPU).iload(Code.EXIT);
      c.callRegion("leave", MethodTypeDesc.of(Code.OP, Code.CPU_CLASS, CD_int));
    });
    leave(leaveIndirect, () -> {
      b.aload(Code.CPU).lload(Code.TARGET);
      b.invokevirtual(Code.CPU_CLASS, "indirect", MethodTypeDesc.of(Code.OP, CD_long));
    });
    fault(start, end);
  }

  private void enter() {
    if (graph.otherPages().length > 0 || !c.wide) {
      Label good = b.newLabel();
      b.aload(Code.THIS).aload(Code.CPU);
      c.callRegion(c.wide ? "stale" : "staleOrLimited", MethodTypeDesc.of(CD_boolean, Code.CPU_CLASS));
      b.ifeq(good);
      executePlain();
      b.labelBinding(good);
    }
    if (usesXmm()) {
      b.aload(Code.CPU).invokestatic(Code.describe(Sse.class), "usable", MethodTypeDesc.of(CD_boolean, Code.CPU_CLASS));
      Label usable = b.newLabel();
      b.ifne(usable);
      executePlain();
      b.labelBinding(usable);
      c.loadXmm();
    }
    c.loadTlb();
    c.loadRegisters(ALL);
    c.loadFlags();
    c.flagsWritten = false;
    c.constant(0).store(Code.SECOND);
    c.constant(0).store(Code.COUNT);
    c.constant(0).store(Code.TARGET);
    b.iconst_0().istore(Code.AT).iconst_0().istore(Code.EXIT).iconst_0().istore(Code.CHANGED);
    for (int temporary : new int[]{Code.A, Code.B, Code.V, Code.ADDRESS}) {
      c.constant(0).store(temporary);
    }
    kinds.put(graph.head(), Lazy.EXPLICIT);
  }

  private boolean usesXmm() {
    return graph.nodes().stream().anyMatch(n -> n.code.stream().anyMatch(SseCode::uses));
  }

  private void executePlain() {
    b.aload(Code.THIS);
    c.callRegion("plain", MethodTypeDesc.of(Code.OP));
    b.areturn();
  }

  /** Ends the method: state back to the processor, then on to what {@code to} computes. */
  private void leave(Label label, Runnable to) {
    b.labelBinding(label);
    save();
    to.run();
    b.areturn();
  }

  private void save() {
    c.kind = Code.UNKNOWN;
    if (c.flagsWritten) {
      c.storeFlags();
    }
    c.storeCount();
  }

  /** A fault or a VM exit: the state is that before the instruction. */
  private void fault(Label start, Label end) {
    Label handler = b.newBoundLabel();
    Label from = start;
    for (Label[] hole : unguarded) {
      b.exceptionCatchAll(from, hole[0], handler);
      from = hole[1];
    }
    b.exceptionCatchAll(from, end, handler);
    int thrown = Code.SPARE;
    b.astore(thrown);
    save();
    b.aload(Code.THIS).iload(Code.AT);
    c.callRegion("at", MethodTypeDesc.of(CD_void, CD_int));
    b.aload(thrown).checkcast(CD_Throwable).athrow();
  }

  // ---- nodes -----------------------------------------------------------------------------------------------------------------------

  private void node(Node n) {
    b.labelBinding(labels.get(n));
    c.pending = 0;
    c.kind = n.loopHead ? Code.UNKNOWN : kinds.getOrDefault(n, Code.UNKNOWN);
    int straight = n.end() == null ? n.code.size() : n.code.size() - 1;
    for (int i = 0; i < straight; i++) {
      instruction(n, i);
    }
    end(n);
  }

  /** Notes which instruction is being executed: it may fault. */
  private int at(Op op) {
    c.flush();
    if (ops.isEmpty() || ops.getLast() != op) {
      ops.add(op);
    }
    int number = ops.size() - 1;
    b.loadConstant(number).istore(Code.AT);
    return number;
  }

  private void instruction(Node n, int i) {
    Instruction in = n.code.get(i);
    Op op = n.ops.get(i);
    boolean stack = in.mnemonic == Mnemonic.PUSH || in.mnemonic == Mnemonic.POP || in.mnemonic == Mnemonic.LEAVE;
    boolean mayFault = in.hasMemory() || stack || SseCode.mayRaise(in);
    if (mayFault) {
      at(op);
    }
    boolean asItIs = op.isUndefined() || graph.severalProcessors() && in.lock;
    boolean done = !asItIs && (MoveCode.translate(c, in) || IntegerCode.translate(c, in) || ShiftCode.translate(c, in)
        || SseCode.translate(c, in));
    if (!done) {
      asItIs(n, i);
    } else if (writesMemory(in)) {
      leaveIfChanged(n, i);
    }
  }

  private static boolean writesMemory(Instruction in) {
    return switch (in.mnemonic) {
      case PUSH -> true;
      case CMP, TEST, BT, NOP, PREFETCH, PREFETCHW, PREFETCHNTA, PREFETCHT0, PREFETCHT1, PREFETCHT2 -> false;
      default -> in.operands > 0 && in.kind[0] == OperandKind.MEMORY && in.mnemonic != Mnemonic.MUL
          && in.mnemonic != Mnemonic.IMUL;
    };
  }

  /** Where the instruction has overwritten code, what follows is not what was compiled. */
  private void leaveIfChanged(Node n, int i) {
    Label changed = b.newLabel();
    b.iload(Code.CHANGED).ifne(changed);
    exitBehind(changed, n, i);
  }

  private void exitBehind(Label label, Node n, int i) {
    Op op = n.ops.get(i);
    long next = op.nextRip() & (c.wide ? -1 : 0xffffffffL);
    int pending = c.pending;
    later.add(() -> {
      b.labelBinding(label);
      c.storeRegisters(pending);
      c.count(op.index + 1);
      exit(op, next);
    });
  }

  private void exit(Op from, long target) {
    b.loadConstant(exits.size()).istore(Code.EXIT);
    exits.add(new Region.Exit(from, target, new Link()));
    b.goto_(leave);
  }

  // ---- instructions that are executed as they are ------------------------------------------------------------------------------------

  private void asItIs(Node n, int i) {
    Effects effects = Effects.of(n.code.get(i));
    if (effects == null) {
      asItIsWithEverything(n, i);
      return;
    }
    int number = at(n.ops.get(i));
    if (effects.readsFlags()) {
      c.storeFlags();
    }
    c.operation(number);
    b.aload(Code.CPU).invokevirtual(Code.OP, "execute", EXECUTE).pop();
    c.loadRegisters(effects.writes());
    if (effects.writesFlags()) {
      c.loadFlags();
    }
    if (n.code.get(i).hasMemory() || n.code.get(i).mnemonic == Mnemonic.MASKMOVDQU
        || n.code.get(i).mnemonic == Mnemonic.MASKMOVQ) {
      Label changed = b.newLabel();
      b.aload(Code.THIS).getfield(Code.REGION, "dead", CD_boolean).ifne(changed);
      exitBehind(changed, n, i);
    }
  }

  /** The operation finds the whole state in the processor, and may fault after it has changed some of it. */
  private void asItIsWithEverything(Node n, int i) {
    int number = at(n.ops.get(i));
    c.storeFlags();
    c.storeCount();
    c.constant(0).store(Code.COUNT);
    b.aload(Code.THIS).loadConstant(number);
    c.callRegion("at", MethodTypeDesc.of(CD_void, CD_int));
    c.operation(number);
    Label from = b.newBoundLabel();
    b.aload(Code.CPU).invokevirtual(Code.OP, "execute", EXECUTE);
    unguarded.add(new Label[]{from, b.newBoundLabel()});
    int next = Code.SPARE;
    b.astore(next);
    b.aload(Code.THIS).aload(next).loadConstant(number);
    c.callRegion("diverts", MethodTypeDesc.of(CD_boolean, Code.OP, CD_int));
    Label on = b.newLabel();
    b.ifeq(on);
    b.aload(next).areturn();
    b.labelBinding(on);
    c.loadTlb();
    c.loadRegisters(ALL);
    c.loadFlags();
  }

  // ---- ends of blocks ----------------------------------------------------------------------------------------------------------------

  private void end(Node n) {
    Instruction in = n.end();
    Op op = n.last();
    long behind = op.nextRip() & (c.wide ? -1 : 0xffffffffL);
    if (in == null) {
      c.flush();
      c.count(n.instructions());
      go(n, n.taken, op, behind);
      return;
    }
    boolean relative = in.operands > 0 && in.kind[0] == OperandKind.RELATIVE;
    boolean plainSize = c.wide || in.operandSize == 4;
    switch (in.mnemonic) {
      case J -> {
        if (plainSize) {
          conditional(n, in, op, behind);
          return;
        }
      }
      case JMP -> {
        if (relative && plainSize) {
          c.flush();
          c.count(n.instructions());
          go(n, n.taken, op, graph.target(in));
          return;
        } else if (!relative && plainSize && c.simple(in, 0)) {
          at(op);
          c.operand(in, 0).store(Code.TARGET);
          checkTarget();
          indirect(n);
          return;
        }
      }
      case CALL -> {
        if (plainSize && (relative || c.simple(in, 0))) {
          call(n, in, op, behind, relative);
          return;
        }
      }
      case RET -> {
        if (plainSize) {
          ret(n, in, op);
          return;
        }
      }
      default -> {}
    }
    // Executed in the run loop, which also counts the block's instructions.
    int number = at(op);
    c.storeFlags();
    c.storeCount();
    c.operation(number);
    b.areturn();
  }

  private void checkTarget() {
    if (c.wide) {
      b.aload(Code.CPU).lload(Code.TARGET);
      c.callStatic("checkTarget", MethodTypeDesc.of(CD_void, Code.CPU_CLASS, CD_long));
    }
  }

  private void indirect(Node n) {
    c.flush();
    c.count(n.instructions());
    b.goto_(leaveIndirect);
  }

  private void conditional(Node n, Instruction in, Op op, long behind) {
    c.flush();
    c.count(n.instructions());
    if (n.taken != null && n.taken.order > n.order) {
      Conditions.jump(c, in.condition, enterNode(n.taken));
    } else {
      Label far = b.newLabel();
      Conditions.jump(c, in.condition, far);
      int kind = c.kind;
      later.add(() -> {
        b.labelBinding(far);
        c.kind = kind;
        go(n, n.taken, op, graph.target(in));
      });
    }
    go(n, n.otherwise, op, behind);
  }

  private void call(Node n, Instruction in, Op op, long behind, boolean relative) {
    int slot = MoveCode.stackSlot(c);
    at(op);
    if (!relative) {
      if (Code.isMemory(in, 0) && c.wide && in.segment != Segment.SS) {
        b.aload(Code.CPU);
        c.address(in);
        c.callStatic("besidesStack", MethodTypeDesc.of(CD_long, Code.CPU_CLASS, CD_long));
        c.store(Code.ADDRESS);
        c.loadMemory(slot);
      } else {
        c.operand(in, 0);
      }
      c.store(Code.TARGET);
    }
    MoveCode.below(c);
    if (!relative && c.wide) {
      b.aload(Code.CPU).lload(Code.TARGET).lload(Code.ADDRESS);
      c.callStatic("checkCall", MethodTypeDesc.of(CD_void, Code.CPU_CLASS, CD_long, CD_long));
    }
    c.constant(behind).store(Code.V);
    c.storeMemory(slot, Code.V);
    c.load(Code.ADDRESS).set(Cpu.RSP);
    if (!relative) {
      indirect(n);
      return;
    }
    c.flush();
    c.count(n.instructions());
    if (n.taken != null) {
      Label changed = b.newLabel();
      b.iload(Code.CHANGED).ifne(changed);
      later.add(() -> {
        b.labelBinding(changed);
        exit(op, graph.target(in));
      });
    }
    go(n, n.taken, op, graph.target(in));
  }

  private void ret(Node n, Instruction in, Op op) {
    at(op);
    MoveCode.top(c);
    c.load(Code.V).store(Code.TARGET);
    checkTarget();
    long extra = in.operands > 0 ? in.immediate & 0xffff : 0;
    MoveCode.release(c, MoveCode.stackSlot(c) + extra);
    c.flush();
    c.count(n.instructions());
    if (n.taken != null) {
      Label elsewhere = b.newLabel();
      c.load(Code.TARGET).constant(n.calls.returnTo()).b.lcmp().ifne(elsewhere);
      later.add(() -> {
        b.labelBinding(elsewhere);
        b.goto_(leaveIndirect);
      });
      go(n, n.taken, op, n.calls.returnTo());
    } else {
      b.goto_(leaveIndirect);
    }
  }

  // ---- ways from node to node --------------------------------------------------------------------------------------------------------

  /** Goes to a node, or leaves for its instruction pointer; on the way back in a loop, looks whether to leave. */
  private void go(Node from, Node to, Op op, long target) {
    if (to == null) {
      exit(op, target);
    } else if (to.order <= from.order) {
      Label out = b.newLabel();
      b.aload(Code.CPU).invokevirtual(Code.CPU_CLASS, "wantsAttention", MethodTypeDesc.of(CD_boolean)).ifne(out);
      b.goto_(labels.get(to));
      later.add(() -> {
        b.labelBinding(out);
        exit(op, target);
      });
    } else {
      Label label = enterNode(to);
      if (to.order != from.order + 1) {
        b.goto_(label);
      }
    }
  }

  /** The label of a node that comes later, to which what is known of the flags is handed on. */
  private Label enterNode(Node to) {
    kinds.merge(to, c.kind, (x, y) -> x.equals(y) ? x : Integer.valueOf(Code.UNKNOWN));
    return labels.get(to);
  }
}
