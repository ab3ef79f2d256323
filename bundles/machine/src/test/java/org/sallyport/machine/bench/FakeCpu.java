package org.sallyport.machine.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sallyport.api.cpu.EventKind;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuState.Activity;
import org.sallyport.api.cpu.VcpuStateBuilder;
import org.sallyport.api.cpu.VirtualCpu;
import org.sallyport.api.cpu.VmExit;
import org.sallyport.api.cpu.VmcsView;

/**
 * A processor that executes a program in Java, keeps the contract of {@link VirtualCpu}, and complains when the machine
 * breaks it.
 */
public final class FakeCpu implements VirtualCpu {
  /** Guest code: one step at a time. */
  @FunctionalInterface
  public interface Program {
    /**
     * @return true when the step filled in the exit, false when it was an instruction without one
     */
    boolean step(FakeCpu cpu, VmExit exit);
  }

  /** A program that does nothing for ever. */
  public static final Program IDLE = (cpu, exit) -> false;

  private final int index;
  public volatile Program program = IDLE;
  /** RFLAGS.IF. */
  public volatile boolean interruptsOn = true;

  /** The answer to the last read. */
  public volatile long answer;

  public volatile boolean answerRefused;
  public volatile int priority;
  public volatile int windowRequests;
  /** Vectors delivered, in order; NMIs as 2. */
  public final List<Integer> delivered = new ArrayList<>();

  public volatile VcpuState state;
  public volatile int restores;

  private volatile boolean kicked;
  private volatile boolean window;
  private volatile Thread user;
  private volatile long instructions;
  private int event = -1;
  private VmExit open;

  public FakeCpu(int index) {
    this.index = index;
    state = VcpuState.powerOn(0, index == 0 ? Activity.ACTIVE : Activity.WAIT_FOR_SIPI);
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public void run(VmExit exit) {
    enter();
    try {
      complete(exit);
      if (event >= 0) {
        synchronized (delivered) {
          delivered.add(event);
        }
        event = -1;
      }
      while (true) {
        if (kicked) {
          kicked = false;
          exit.plain(ExitReason.KICKED);
          return;
        }
        if (window && canInject()) {
          exit.plain(ExitReason.INTERRUPT_WINDOW);
          return;
        }
        instructions++;
        exit.refused = false;
        if (program.step(this, exit)) {
          open = exit;
          return;
        }
        Thread.onSpinWait();
      }
    } finally {
      user = null;
    }
  }

  @Override
  public void step(VmExit exit) {
    enter();
    try {
      complete(exit);
      instructions++;
      exit.refused = false;
      if (program.step(this, exit)) {
        open = exit;
      } else {
        exit.plain(ExitReason.DEBUG);
      }
    } finally {
      user = null;
    }
  }

  @Override
  public void kick() {
    kicked = true;
  }

  @Override
  public void finishInstruction(VmExit exit) {
    enter();
    complete(exit);
    user = null;
  }

  @Override
  public boolean canInject() {
    return interruptsOn && event < 0;
  }

  @Override
  public void requestInterruptWindow(boolean wanted) {
    if (wanted && !window) {
      windowRequests++;
    }
    window = wanted;
  }

  @Override
  public void inject(EventKind kind, int vector, int errorCode) {
    if (kind == EventKind.EXTERNAL_INTERRUPT && !canInject()) {
      throw new IllegalStateException("an interrupt was injected into a processor that cannot take it");
    }
    event = kind == EventKind.NMI ? 2 : vector;
  }

  @Override
  public int cr8() {
    return priority;
  }

  @Override
  public void cr8(int newPriority) {
    priority = newPriority;
  }

  @Override
  public void localApicEnabled(boolean enabled) {}

  @Override
  public long tscOffset() {
    return 0;
  }

  @Override
  public VcpuState save() {
    VcpuStateBuilder builder = new VcpuStateBuilder(state);
    builder.rflags = interruptsOn ? 0x202 : 2;
    return builder.build();
  }

  @Override
  public void restore(VcpuState newState) {
    state = newState;
    restores++;
    interruptsOn = (newState.rflags() & 0x200) != 0;
    event = -1;
    open = null;
  }

  @Override
  public long instructions() {
    return instructions;
  }

  @Override
  public Optional<VmcsView> vmcs() {
    return Optional.empty();
  }

  @Override
  public long translate(long linear) {
    return linear;
  }

  /** What was delivered so far. */
  public List<Integer> delivered() {
    synchronized (delivered) {
      return new ArrayList<>(delivered);
    }
  }

  private void enter() {
    if (user != null && user != Thread.currentThread()) {
      throw new IllegalStateException("two threads use one processor: " + user + " and " + Thread.currentThread());
    }
    user = Thread.currentThread();
  }

  private void complete(VmExit exit) {
    if (open != null) {
      if (open != exit) {
        throw new IllegalStateException("another exit object");
      }
      answer = exit.value;
      answerRefused = exit.refused;
      open = null;
    }
  }
}
