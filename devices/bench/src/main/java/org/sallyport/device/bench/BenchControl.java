package org.sallyport.device.bench;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.device.MachineControl;

/**
 * Remembers what a device asked of its machine: {@code reset}, {@code powerOff}, {@code exit 3}, {@code a20 on}, {@code
 * shadow 0xf0000+0x10000 rw}, {@code suspend}, {@code wake}.
 */
public final class BenchControl implements MachineControl {
  private final List<String> asked = new ArrayList<>();
  private boolean a20 = true;

  @Override
  public void reset(String reason) {
    asked.add("reset");
  }

  @Override
  public void powerOff(String reason) {
    asked.add("powerOff");
  }

  @Override
  public void exit(int status) {
    asked.add("exit " + status);
  }

  @Override
  public void a20(boolean enabled) {
    a20 = enabled;
    asked.add(enabled ? "a20 on" : "a20 off");
  }

  @Override
  public void shadow(long first, long length, boolean ramReads, boolean ramWrites) {
    asked.add(String.format("shadow 0x%x+0x%x %s%s", first, length, ramReads ? "r" : "-", ramWrites ? "w" : "-"));
  }

  @Override
  public void suspend() {
    asked.add("suspend");
  }

  @Override
  public void wake(String reason) {
    asked.add("wake");
  }

  /** What was asked so far, oldest first; the list may be cleared. */
  public List<String> asked() {
    return asked;
  }

  /** Whether address line 20 is passed on. */
  public boolean a20() {
    return a20;
  }
}
