package org.sallyport.api.cpu;

/**
 * Describes a VM exit and carries the monitor's answer back. One object per virtual CPU, used again for each exit; the
 * fields are public because this is the hottest path between a guest and its devices.
 */
public final class VmExit {
  /** Why the guest was left. */
  public ExitReason reason = ExitReason.KICKED;

  /** Port number, guest-physical address, MSR index or hypercall number. */
  public long address;

  /** Size of a port access (1, 2, 4) or memory access (1 to 8) in bytes. An access never crosses a page. */
  public int size;

  /** The value written, zero-extended; or where the monitor puts the value read. */
  public long value;

  /** Set by the monitor to refuse an MSR access. Cleared by the backend at each exit. */
  public boolean refused;

  /** For {@link ExitReason#INTERNAL_ERROR}: what happened and where. Otherwise null. */
  public String message;

  /** Fills in an access. */
  public void access(ExitReason why, long where, int bytes, long data) {
    reason = why;
    address = where;
    size = bytes;
    value = data;
    refused = false;
  }

  /** Fills in an exit that has no operands. */
  public void plain(ExitReason why) {
    reason = why;
    refused = false;
  }

  @Override
  public String toString() {
    return reason + " address=0x" + Long.toHexString(address) + " size=" + size + " value=0x" + Long.toHexString(value)
        + (message == null ? "" : " " + message);
  }
}
