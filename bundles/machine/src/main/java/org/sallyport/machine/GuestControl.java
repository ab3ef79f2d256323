package org.sallyport.machine;

import org.sallyport.api.device.MachineControl;
import org.sallyport.api.machine.StopReason;

/**
 * What devices ask of their machine. Called under the device lock; nothing waits, and the machine does it when the
 * access is over.
 */
final class GuestControl implements MachineControl {
  /** What the machine does when a device asks. */
  interface Deed {
    void guestReset(String reason);

    void end(StopReason reason);

    void shadow(long first, long length, boolean ramReads, boolean ramWrites);

    void suspend();

    void wake(String reason);

    MachineLog machineLog();
  }

  private final Deed machine;

  GuestControl(Deed machine) {
    this.machine = machine;
  }

  @Override
  public void reset(String reason) {
    machine.guestReset(reason);
  }

  @Override
  public void powerOff(String reason) {
    machine.end(new StopReason(StopReason.Kind.POWER_OFF, "the guest switched the machine off (" + reason + ")", 0));
  }

  @Override
  public void exit(int status) {
    machine.end(new StopReason(StopReason.Kind.EXIT, "the guest ended the run with status " + status, status));
  }

  @Override
  public void a20(boolean enabled) {
    if (!enabled) {
      machine.machineLog().once("machine",
          "the guest closed the A20 gate; the processors pass address line 20 on all the same");
    }
  }

  @Override
  public void shadow(long first, long length, boolean ramReads, boolean ramWrites) {
    machine.shadow(first, length, ramReads, ramWrites);
  }

  @Override
  public void suspend() {
    machine.suspend();
  }

  @Override
  public void wake(String reason) {
    machine.wake(reason);
  }
}
