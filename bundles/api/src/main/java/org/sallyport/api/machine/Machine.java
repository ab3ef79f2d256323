package org.sallyport.api.machine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.sallyport.api.clock.VmClock;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VmcsView;
import org.sallyport.api.memory.GuestMemory;

/** A virtual machine. All methods from any thread unless they say otherwise. */
public interface Machine extends AutoCloseable {
  /** Unique in the container as long as the machine is not closed. */
  String name();

  /** What it was made from; does not change. */
  MachineDescription description();

  /** Where it is in its life; may be another one by the time it is returned. */
  MachineState state();

  /**
   * What keeps the machine from starting, one sentence each: a missing device type, backend or file. Empty when nothing
   * does.
   */
  List<String> problems();

  /**
   * Builds the devices, loads the guest and runs it.
   *
   * @throws MachineException when something is missing or wrong; nothing runs then and the state is unchanged
   */
  void start() throws MachineException;

  /** Stops the processors at an instruction boundary and the clock with them; returns when they stand. */
  void pause() throws MachineException;

  /**
   * Lets a paused machine go on, and its clock. Does nothing on a running one.
   *
   * @throws MachineException when it has not been started or has stopped
   */
  void resume() throws MachineException;

  /** Executes this many instructions on the bootstrap processor of a paused machine. */
  void step(int instructions) throws MachineException;

  /** Resets as the reset line does, and loads the guest again. */
  void reset() throws MachineException;

  /** Ends the machine at once. A second call does nothing. */
  void stop();

  /** Stops the machine, frees its memory and takes it off the manager's list. */
  @Override
  void close();

  /** Completed with the reason when the machine stops. */
  CompletableFuture<StopReason> stopped();

  /** Name of the backend that runs the processors, once started. */
  Optional<String> backend();

  /** Number of processors. */
  int cpus();

  /** A processor's state; a running machine stands still for a moment. */
  VcpuState cpuState(int cpu) throws MachineException;

  /** A processor's VMCS, where its backend shows one. */
  Optional<VmcsView> vmcs(int cpu) throws MachineException;

  /** Translates a linear address of a processor; -1 when nothing is mapped there. */
  long translate(int cpu, long linear) throws MachineException;

  /** RAM and ROM, also before the start and after the end, until the machine is closed. */
  GuestMemory memory();

  /** The machine's time. */
  VmClock clock();

  /** The interrupt controllers and devices; those that are not there (yet) without ranges. */
  List<DeviceInfo> devices();

  /** A device's capability, called under the device lock. */
  <T> Optional<T> capability(String device, Class<T> contract);

  /** Runs something under the device lock. */
  void locked(Runnable action);

  /** The interrupt lines that something is wired to, by number. */
  List<IrqInfo> irqs();

  /** The counters of all processors together; of a running machine, they may lag a little. */
  Statistics statistics();

  /** The far end of a character device. */
  Optional<SerialConsole> serial(String device);

  /** The last lines of the machine's log, oldest first. */
  List<String> log();

  /**
   * @param type the device's type
   * @param ranges its ports and memory windows, in words
   */
  record DeviceInfo(String name, String type, List<String> ranges) {}

  /**
   * An interrupt line and its ledger.
   *
   * @param gsi number of the line
   * @param sources names of the devices wired to it
   * @param asserted its level now
   * @param raised how often it went from deasserted to asserted
   * @param delivered how often the interrupt it causes was injected into a processor
   */
  record IrqInfo(int gsi, List<String> sources, boolean asserted, long raised, long delivered) {}

  /**
   * @param running time that the processors ran, by the machine's clock
   * @param instructions guest instructions, or -1 where the backend does not count them
   * @param exits VM exits by reason, in order of {@link org.sallyport.api.cpu.ExitReason}
   * @param interrupts interrupts injected, by vector
   */
  record Statistics(Duration running, long instructions, long[] exits, long[] interrupts) {}
}
