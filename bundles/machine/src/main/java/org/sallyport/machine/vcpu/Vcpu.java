package org.sallyport.machine.vcpu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.EventKind;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuState.Activity;
import org.sallyport.api.cpu.VcpuStateBuilder;
import org.sallyport.api.cpu.VirtualCpu;
import org.sallyport.api.cpu.VmExit;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.api.irq.MsrFault;
import org.sallyport.api.irq.ProcessorSignals;
import org.sallyport.machine.bus.Vacancy;

/**
 * A processor and its thread: VM entry, run, VM exit, dispatch, VM entry.
 *
 * <p>Whoever wants something from the processor sets a bit in {@link #requests} and then wakes or kicks it; the thread
 * looks at the bits before each entry and before each sleep. As the bits are set before the wake-up, and the thread
 * says that it sleeps before it looks, no wake-up is lost. Between two exits this costs one volatile read.
 */
public final class Vcpu implements ProcessorSignals {
  // @formatter:off
  private static final int ATTENTION = 1;      // look at the local APIC
  private static final int NMI       = 1 << 1;
  private static final int INIT      = 1 << 2;
  private static final int SIPI      = 1 << 3;
  private static final int TASK      = 1 << 4; // something is to be done on this thread
  private static final int HOLD      = 1 << 5; // stand at an instruction boundary until this is taken back
  private static final int STOP      = 1 << 6; // end the thread
  private static final int NMI_AGAIN = 1 << 7; // a second one, behind the first
  // @formatter:on

  private static final VarHandle REQUESTS;

  static {
    try {
      REQUESTS = MethodHandles.lookup().findVarHandle(Vcpu.class, "requests", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final long PAGE_MASK = ~0xfffL;
  private static final int APIC_BASE = 0x1b;
  private static final int APIC_BASE_EN = 1 << 11;
  private static final long VACANCY_POLL_NANOS = 100_000;
  private static final int PAUSES_BETWEEN_YIELDS = 64;
  private static final int ALL_REASONS = ExitReason.count();

  // What it is and what it has around it.
  private final int index;
  private final Surroundings machine;
  private final Host host;
  private final boolean yields;
  private final VmExit exit = new VmExit();
  private final TaskQueue tasks = new TaskQueue();
  private volatile VirtualCpu cpu;
  private volatile long instructionsAtEnd;

  // What others tell it.
  private volatile int requests;
  private volatile int startupVector;
  private volatile boolean asleep;
  private volatile LocalApic apic;
  private volatile MemoryIo apicRegisters;
  private volatile Vacancy apicVacancy;

  // What it tells others.
  private volatile Thread thread;
  private volatile Thread holder;
  private volatile boolean standing;
  private volatile boolean ended = true;
  private volatile Activity activity = Activity.ACTIVE;
  private volatile boolean deaf;

  // What only its thread uses, but for readers of the counters who may see them late.
  private boolean window;
  private int pauses;
  private final long[] exits = new long[ALL_REASONS];
  private final long[] interrupts = new long[256];

  /**
   * @param yields whether there are more processors than the host has, so that one that spins should give way
   */
  Vcpu(int index, Surroundings machine, Host host, boolean yields) {
    this.index = index;
    this.machine = machine;
    this.host = host;
    this.yields = yields;
  }

  // --- life; by the thread that controls the machine ---

  /** Gives it the backend's processor. */
  void attach(VirtualCpu newCpu) {
    cpu = newCpu;
    window = false;
  }

  /** Lets go of the backend's processor, which is about to be closed. It has no thread any more. */
  synchronized void detach() {
    instructionsAtEnd = cpu.instructions();
    cpu = null;
  }

  /** Puts its local APIC in; null takes it out, and then the processor waits as the vacancy says. */
  public void localApic(LocalApic newApic, Vacancy vacancy) {
    apicVacancy = vacancy;
    apicRegisters = newApic == null ? null : newApic.memoryIo().orElseThrow();
    apic = newApic;
    request(ATTENTION);
  }

  void start(String name) {
    ended = false;
    Thread fresh = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    thread = fresh; // first, so that it knows itself
    fresh.start();
  }

  /**
   * Puts a state in and forgets what was pending. While it stands or before it starts.
   *
   * @throws CpuException when the backend refuses the state
   */
  void reset(VcpuState state) throws CpuException {
    cpu.restore(state);
    cpu.requestInterruptWindow(false);
    window = false;
    deaf = false;
    activity = state.activity();
    REQUESTS.getAndBitwiseAnd(this, ~(ATTENTION | NMI | NMI_AGAIN | INIT | SIPI));
    showApicBase(apic);
    request(ATTENTION);
  }

  /** Asks it to stand, or takes that back. */
  void hold(boolean wanted) {
    if (wanted) {
      request(HOLD);
    } else {
      REQUESTS.getAndBitwiseAnd(this, ~HOLD);
      LockSupport.unpark(thread);
    }
  }

  /** Waits until it stands; {@link #hold} comes first. */
  void awaitStanding() {
    holder = Thread.currentThread();
    while (!standing && !ended) {
      LockSupport.parkNanos(this, 10_000_000);
    }
    holder = null;
  }

  void stop() {
    request(STOP);
  }

  /** Waits for its thread to end. */
  void join() {
    Thread running = thread;
    boolean interrupted = false;
    while (running != null && running.isAlive()) {
      try {
        running.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // --- for everybody ---

  public int index() {
    return index;
  }

  boolean isMine() {
    return Thread.currentThread() == thread;
  }

  /**
   * The tasks that its thread does while it runs, halts or stands; whoever asks does them itself when there is no
   * thread.
   */
  TaskQueue tasks() {
    return tasks;
  }

  boolean isRunning() {
    return !ended;
  }

  /** Wakes the thread for {@link #tasks()}. */
  void taskAdded() {
    request(TASK);
  }

  /** The backend's processor, or null while it has none. */
  VirtualCpu cpu() {
    return cpu;
  }

  /** Instructions that it has executed, or -1 where the backend does not count. */
  long instructions() {
    VirtualCpu now = cpu;
    return now == null ? instructionsAtEnd : now.instructions();
  }

  /** Its state with what only this class knows. On its thread, or while it has none. */
  VcpuState state() {
    VcpuState state = cpu.save();
    Activity now = activity;
    if (state.activity() == now) {
      return state;
    }
    VcpuStateBuilder builder = new VcpuStateBuilder(state);
    builder.activity = now;
    return builder.build();
  }

  /** Whether it is halted with interrupts off, so that only NMI, INIT or a reset can wake it. */
  public boolean isDeaf() {
    return deaf;
  }

  void addExits(long[] sum) {
    for (int i = 0; i < ALL_REASONS; i++) {
      sum[i] += exits[i];
    }
  }

  void addInterrupts(long[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += interrupts[i];
    }
  }

  // --- signals of the local APIC; under the device lock ---

  @Override
  public void interruptsChanged() {
    if ((requests & ATTENTION) == 0) {
      request(ATTENTION);
    }
  }

  @Override
  public void nmi() {
    request((requests & NMI) == 0 ? NMI : NMI_AGAIN);
  }

  @Override
  public void smi() {
    machine.log().once("cpu" + index, "an SMI was ignored: there is no system-management mode");
  }

  @Override
  public void init() {
    REQUESTS.getAndBitwiseAnd(this, ~SIPI);
    request(INIT);
  }

  @Override
  public void startup(int vector) {
    if (activity == Activity.WAIT_FOR_SIPI || (requests & INIT) != 0) {
      startupVector = vector;
      request(SIPI);
    }
  }

  @Override
  public long tsc() {
    return machine.clock().nanos() + tscOffset(); // CpuModel.TSC_HZ is one tick per nanosecond
  }

  @Override
  public long nanosAtTsc(long tsc) {
    return tsc - tscOffset();
  }

  private long tscOffset() {
    VirtualCpu now = cpu;
    return now == null ? 0 : now.tscOffset();
  }

  private void request(int bits) {
    REQUESTS.getAndBitwiseOr(this, bits);
    Thread running = thread;
    if (running == null || ended || running == Thread.currentThread()) {
      return;
    }
    if (asleep) {
      LockSupport.unpark(running);
    } else {
      cpu.kick();
    }
  }

  // --- the thread ---

  private void run() {
    VirtualCpu running = cpu;
    try {
      while (true) {
        if (requests != 0) {
          if (serve()) {
            continue; // what came while it stood or slept came without a kick
          }
          return;
        }
        if (activity != Activity.ACTIVE) {
          sleep();
          continue;
        }
        LocalApic own = apic;
        if (own == null) {
          awaitApic();
        } else if (own.interruptPending()) {
          deliver();
        } else if (window) {
          closeWindow();
        }
        running.run(exit);
        exits[exit.reason.ordinal()]++;
        dispatch();
      }
    } catch (Throwable e) { // whatever a device or backend throws ends this machine and no other
      host.failed(blame(e), e);
    } finally {
      ended = true;
      tasks.runAll();
      LockSupport.unpark(holder);
    }
  }

  /**
   * Executes one instruction. On its thread, while it stands.
   *
   * @return false when it is not active: halted, or waiting to be started
   */
  boolean step() throws CpuException {
    LocalApic own = apic;
    if (wakes()) {
      wake();
    }
    if (activity != Activity.ACTIVE || own == null) {
      return false;
    }
    if (own.interruptPending() && cpu.canInject()) {
      deliver();
    }
    if (window) {
      closeWindow();
    }
    cpu.step(exit);
    exits[exit.reason.ordinal()]++;
    if (exit.reason != ExitReason.DEBUG) {
      dispatch();
      cpu.finishInstruction(exit);
    }
    return true;
  }

  private void dispatch() throws CpuException {
    switch (exit.reason) {
      case PORT_READ -> readPort();
      case PORT_WRITE -> writePort();
      case MEMORY_READ -> readMemory();
      case MEMORY_WRITE -> writeMemory();
      case HALT -> halt();
      case INTERRUPT_WINDOW, KICKED -> {}
      case MSR_READ -> readMsr();
      case MSR_WRITE -> writeMsr();
      case TPR_CHANGED -> priorityChanged();
      case HYPERCALL -> hypercall();
      case PAUSE -> pause();
      case TRIPLE_FAULT -> host.tripleFault(index, host.whereabouts(cpu));
      case DEBUG -> machine.log().once("cpu" + index, "a debug exit that nobody asked for");
      case INTERNAL_ERROR -> {
        host.failed("cpu" + index + ": " + exit.message + "; " + host.whereabouts(cpu), null);
        request(HOLD);
      }
    }
  }

  /** Does what was asked for; false when the thread is to end. */
  private boolean serve() throws CpuException {
    int asked = requests;
    if ((asked & STOP) != 0) {
      cpu.finishInstruction(exit);
      return false;
    }
    if ((asked & ATTENTION) != 0) {
      REQUESTS.getAndBitwiseAnd(this, ~ATTENTION);
    }
    if ((asked & (INIT | SIPI)) != 0) {
      initAndStartup();
    }
    if ((asked & NMI) != 0) {
      takeNmi(NMI);
    }
    if ((asked & NMI_AGAIN) != 0) { // also alone: it may come while the first one is being taken
      takeNmi(NMI_AGAIN);
    }
    if ((asked & TASK) != 0) {
      REQUESTS.getAndBitwiseAnd(this, ~TASK);
      cpu.finishInstruction(exit);
      tasks.runAll();
    }
    if ((asked & HOLD) != 0) {
      stand();
    }
    return true;
  }

  private void takeNmi(int which) {
    REQUESTS.getAndBitwiseAnd(this, ~which);
    if (activity != Activity.WAIT_FOR_SIPI) {
      cpu.inject(EventKind.NMI, 2, EventKind.NO_ERROR_CODE);
      wake();
    }
  }

  private void stand() {
    cpu.finishInstruction(exit);
    asleep = true;
    do {
      standing = true;
      LockSupport.unpark(holder);
      while ((requests & (HOLD | STOP)) == HOLD) {
        if ((requests & TASK) != 0) {
          REQUESTS.getAndBitwiseAnd(this, ~TASK);
          tasks.runAll();
        } else {
          park();
        }
      }
      // Somebody may ask again just now and see it standing still: so it looks again after it has said that it goes on.
      standing = false;
    } while ((requests & (HOLD | STOP)) == HOLD);
    asleep = false;
  }

  /** Sleeps until there is an interrupt to take or a request. */
  private void sleep() {
    asleep = true;
    while (requests == 0 && !wakes()) {
      park();
    }
    asleep = false;
    if (wakes()) {
      wake();
    }
  }

  private boolean wakes() {
    LocalApic own = apic;
    return activity == Activity.HALTED && !deaf && own != null && own.interruptPending();
  }

  private void wake() {
    activity = Activity.ACTIVE;
    deaf = false;
  }

  private void park() {
    LockSupport.park(this);
    Thread.interrupted(); // nobody has a reason to interrupt this thread, and park would not wait any more
  }

  private void halt() {
    deaf = !cpu.canInject();
    activity = Activity.HALTED;
    if (deaf) {
      machine.log().add("cpu" + index, "halted with interrupts off: " + host.whereabouts(cpu));
    }
  }

  /**
   * A processor that spins gives way where processors outnumber the host's, and after a while also elsewhere: whom it
   * waits for may have no host processor at the moment.
   */
  private void pause() {
    if (yields || (++pauses & PAUSES_BETWEEN_YIELDS - 1) == 0) {
      Thread.yield();
    } else {
      Thread.onSpinWait();
    }
  }

  private void hypercall() throws CpuException {
    machine.lock().lock();
    try {
      exit.value = Hypercall.answer(exit.address, cpu::save, machine.fabric());
    } finally {
      machine.lock().unlock();
    }
    if (exit.value == Hypercall.NOT_KNOWN) {
      machine.log().once("cpu" + index, "hypercall " + exit.address + " is not known; the answer is " + exit.value);
    }
  }

  // --- interrupts ---

  private void deliver() {
    if (!cpu.canInject()) {
      openWindow();
      return;
    }
    int vector = acknowledge();
    if (vector >= 0) {
      cpu.inject(EventKind.EXTERNAL_INTERRUPT, vector, EventKind.NO_ERROR_CODE);
      interrupts[vector]++;
    }
    LocalApic own = apic;
    if (own != null && own.interruptPending()) {
      openWindow();
    } else if (window) {
      closeWindow();
    }
  }

  /** Takes the interrupt that has waited for this processor; -1 when it is gone. */
  private int acknowledge() {
    machine.lock().lock();
    try {
      LocalApic own = apic;
      if (own == null) {
        return -1;
      }
      if (own.externalInterruptPending()) {
        int vector = machine.lines().acknowledgePic();
        if (vector >= 0) {
          return vector;
        }
      }
      if (own.pendingVector() < 0) {
        return -1;
      }
      int vector = own.acknowledge();
      machine.fabric().delivered(index, vector);
      return vector;
    } finally {
      machine.lock().unlock();
    }
  }

  private void openWindow() {
    if (!window) {
      window = true;
      cpu.requestInterruptWindow(true);
    }
  }

  private void closeWindow() {
    window = false;
    cpu.requestInterruptWindow(false);
  }

  private void initAndStartup() throws CpuException {
    // The clock stands meanwhile, so that the time-stamp counter loses nothing between save and restore.
    CpuException[] refused = {null};
    machine.clock().frozen(() -> {
      try {
        int asked = requests;
        REQUESTS.getAndBitwiseAnd(this, ~(INIT | SIPI));
        if ((asked & INIT) != 0) {
          cpu.finishInstruction(exit);
          become(InitState.afterInit(cpu.save(), index == 0));
          LocalApic own = apic;
          if (own != null) {
            own.init();
          }
        }
        if ((asked & SIPI) != 0 && activity == Activity.WAIT_FOR_SIPI) {
          become(InitState.afterStartup(cpu.save(), startupVector));
        }
      } catch (CpuException e) {
        refused[0] = e;
      }
    });
    if (refused[0] != null) {
      throw refused[0];
    }
  }

  private void become(VcpuState state) throws CpuException {
    cpu.restore(state);
    activity = state.activity();
    deaf = false;
    if (window) {
      closeWindow();
    }
  }

  private void priorityChanged() {
    machine.lock().lock();
    try {
      LocalApic own = apic;
      if (own != null) {
        own.taskPriority(cpu.cr8() << 4);
      }
    } finally {
      machine.lock().unlock();
    }
  }

  /** CPUID shows whether the local APIC is enabled; its MSRs are read only where it has some. */
  private void showApicBase(LocalApic own) {
    try {
      if (own != null && own.ownsMsr(APIC_BASE)) {
        cpu.localApicEnabled((own.readMsr(APIC_BASE) & APIC_BASE_EN) != 0);
      }
    } catch (MsrFault e) {
      machine.log().once("cpu" + index, "its local APIC has IA32_APIC_BASE but does not let it be read");
    }
  }

  /** CR8 is the upper half of the TPR, however that was written. */
  private void showPriority(LocalApic own) {
    int priority = own.taskPriority() >>> 4;
    if (priority != cpu.cr8()) {
      cpu.cr8(priority);
    }
  }

  // --- accesses ---

  private void readPort() {
    for (Vacancy vacancy = null;; awaitSuccessor(vacancy)) {
      machine.lock().lock();
      try {
        exit.value = machine.ports().read((int) exit.address, exit.size) & 0xffffffffL;
        return;
      } catch (Vacancy e) {
        vacancy = e;
      } finally {
        machine.lock().unlock();
      }
    }
  }

  private void writePort() {
    for (Vacancy vacancy = null;; awaitSuccessor(vacancy)) {
      machine.lock().lock();
      try {
        machine.ports().write((int) exit.address, exit.size, (int) exit.value);
        return;
      } catch (Vacancy e) {
        vacancy = e;
      } finally {
        machine.lock().unlock();
      }
    }
  }

  private void readMemory() {
    for (Vacancy vacancy = null;; awaitSuccessor(vacancy)) {
      machine.lock().lock();
      try {
        LocalApic own = apic;
        exit.value = own != null && (exit.address & PAGE_MASK) == own.base()
            ? apicRegisters.readMemory(exit.address, exit.size)
            : machine.memory().read(exit.address, exit.size);
        return;
      } catch (Vacancy e) {
        vacancy = e;
      } finally {
        machine.lock().unlock();
      }
    }
  }

  private void writeMemory() {
    for (Vacancy vacancy = null;; awaitSuccessor(vacancy)) {
      machine.lock().lock();
      try {
        LocalApic own = apic;
        if (own != null && (exit.address & PAGE_MASK) == own.base()) {
          apicRegisters.writeMemory(exit.address, exit.size, exit.value);
          showPriority(own);
        } else {
          machine.memory().write(exit.address, exit.size, exit.value);
        }
        return;
      } catch (Vacancy e) {
        vacancy = e;
      } finally {
        machine.lock().unlock();
      }
    }
  }

  private void readMsr() {
    int msr = (int) exit.address;
    machine.lock().lock();
    try {
      LocalApic own = apic;
      if (own != null && own.ownsMsr(msr)) {
        exit.value = own.readMsr(msr);
      } else {
        refuse("RDMSR", msr);
      }
    } catch (MsrFault e) {
      exit.refused = true;
    } finally {
      machine.lock().unlock();
    }
  }

  private void writeMsr() {
    int msr = (int) exit.address;
    machine.lock().lock();
    try {
      LocalApic own = apic;
      if (own != null && own.ownsMsr(msr)) {
        own.writeMsr(msr, exit.value);
        showPriority(own);
        showApicBase(own);
      } else {
        refuse("WRMSR", msr);
      }
    } catch (MsrFault e) {
      exit.refused = true;
    } finally {
      machine.lock().unlock();
    }
  }

  private void refuse(String instruction, int msr) {
    exit.refused = true;
    machine.log().once("cpu" + index,
        String.format("%s 0x%x: nobody has this register; the guest gets #GP", instruction, msr));
  }

  /** Waits, without the lock, for a device to be put in again; not when the machine is to stand or to stop. */
  private void awaitSuccessor(Vacancy vacancy) {
    if ((requests & (HOLD | STOP)) != 0) {
      vacancy.giveUp();
    } else {
      LockSupport.parkNanos(this, VACANCY_POLL_NANOS);
    }
  }

  private void awaitApic() {
    Vacancy vacancy = apicVacancy;
    while (apic == null && vacancy != null && vacancy.isWaiting() && (requests & (HOLD | STOP)) == 0) {
      LockSupport.parkNanos(this, VACANCY_POLL_NANOS);
    }
  }

  // --- failures ---

  /** One line that says who threw this, at which access, and where the guest was. */
  private String blame(Throwable e) {
    String who = "cpu" + index;
    String at = "";
    machine.lock().lock();
    try {
      switch (exit.reason) {
        case PORT_READ, PORT_WRITE -> {
          who = owner(machine.ports().owner((int) exit.address), who);
          at = String.format(" at %s 0x%x", exit.reason == ExitReason.PORT_READ ? "a read of port" : "a write to port",
              exit.address);
        }
        case MEMORY_READ, MEMORY_WRITE -> {
          who = owner(machine.memory().owner(exit.address), who);
          at = String.format(" at %s 0x%x",
              exit.reason == ExitReason.MEMORY_READ ? "a read of address" : "a write to address",
              exit.address);
        }
        default -> {}
      }
    } finally {
      machine.lock().unlock();
    }
    return who + ": " + e + at + "; " + whereabouts();
  }

  // What failed may fail again here, and the machine has to hear of the first failure.
  private String whereabouts() {
    try {
      return host.whereabouts(cpu);
    } catch (RuntimeException | LinkageError e) {
      return "it cannot be said where the guest was (" + e + ")";
    }
  }

  private static String owner(String device, String otherwise) {
    return device.isEmpty() ? otherwise : "device '" + device + "'";
  }
}
