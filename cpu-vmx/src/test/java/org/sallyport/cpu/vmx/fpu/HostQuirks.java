package org.sallyport.cpu.vmx.fpu;

import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.state.Flag;

/**
 * Where processors differ, or the manual leaves a result open: takes these places over from one record into the other.
 */
final class HostQuirks {
  private static final int CODES = Fpu.C0 | Fpu.C2 | Fpu.C3;

  private HostQuirks() {}

  /** The host's record with what is not comparable replaced by ours. */
  static X87Record comparable(Mnemonic m, X87Record in, X87Record ours, X87Record host) {
    X87Record r = host.copy();
    switch (m) {
      case FCOM, FCOMP, FCOMPP, FUCOM, FUCOMP, FUCOMPP, FICOM, FICOMP, FTST -> {
        // SDM volume 2, FCOM: with #IA not masked, the condition codes are not set; AMD's processors set them.
        if (unmaskedInvalid(in, host)) {
          status(r, ours, CODES);
        }
      }
      case FCOMI, FCOMIP, FUCOMI, FUCOMIP -> {
        // SDM volume 2, FCOMI: C1 is set to 0; AMD's processors leave it. And, as above, RFLAGS with #IA not masked.
        status(r, ours, Fpu.C1);
        if (unmaskedInvalid(in, host)) {
          r.flags(r.flags() & ~Flag.STATUS | ours.flags() & Flag.STATUS);
        }
      }
      default -> {}
    }
    return r;
  }

  private static boolean unmaskedInvalid(X87Record in, X87Record host) {
    return (host.status() & ~in.control() & Fpu.IE) != 0;
  }

  private static void status(X87Record r, X87Record from, int mask) {
    r.status(r.status() & ~mask | from.status() & mask);
  }
}
