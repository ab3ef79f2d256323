package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.ExitSignal;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * Delivery of interrupts and exceptions through the guest's interrupt table (SDM volume 3, chapter "Interrupt and
 * Exception Handling").
 */
public final class EventDelivery {
  // @formatter:off
  // Interruption types of the VM-entry interruption-information field (SDM volume 3, "VM-Entry Controls for Event
  // Injection").
  public static final int EXTERNAL_INTERRUPT            = 0;
  public static final int NMI                           = 2;
  public static final int HARDWARE_EXCEPTION            = 3;
  public static final int SOFTWARE_INTERRUPT            = 4;
  public static final int PRIVILEGED_SOFTWARE_EXCEPTION = 5;
  public static final int SOFTWARE_EXCEPTION            = 6;

  // Bits of interruption-information fields.
  private static final int INFO_VALID                   = 1 << 31;
  private static final int INFO_ERROR_CODE              = 1 << 11;
  // @formatter:on

  private static final int EXIT_EXCEPTION = 0;

  private EventDelivery() {}

  /** Leaves for the monitor if the exception bitmap says so. */
  public static void exceptionExit(Cpu cpu, int vector, int errorCode) {
    exceptionExit(cpu, HARDWARE_EXCEPTION, vector, errorCode);
  }

  static void exceptionExit(Cpu cpu, int kind, int vector, int errorCode) {
    if (!cpu.controls.nonRoot) {
      return;
    }
    boolean exits = (cpu.controls.exceptionBitmap & 1 << vector) != 0;
    if (vector == Vector.PF) {
      exits = exits == ((errorCode & cpu.controls.pageFaultErrorMask) == cpu.controls.pageFaultErrorMatch);
    }
    if (exits) {
      long qualification =
          switch (vector) {
            case Vector.DB -> cpu.debug.takeQualification();
            case Vector.PF -> cpu.pageFaultAddress;
            default -> 0;
          };
      ExitSignal signal = cpu.exit(EXIT_EXCEPTION, qualification);
      boolean pushes = errorCode >= 0 && cpu.protectedMode(); // real mode pushes none
      signal.interruption = INFO_VALID | (pushes ? INFO_ERROR_CODE : 0) | kind << 8 | vector;
      signal.errorCode = pushes ? errorCode : 0;
      throw signal;
    }
  }

  /**
   * Delivers an event. Nothing is changed when it throws a fault.
   *
   * @param kind interruption type
   * @param errorCode or -1
   * @param instructionLength for software interrupts and exceptions: the handler returns behind the instruction
   */
  public static void deliver(Cpu cpu, int vector, int kind, int errorCode, int instructionLength) {
    boolean software = kind >= SOFTWARE_INTERRUPT;
    long returnRip = software ? cpu.rip + instructionLength & cpu.ripMask : cpu.rip;
    if (!cpu.protectedMode()) {
      RealModeInterrupt.deliver(cpu, vector, returnRip);
    } else if (cpu.longMode()) {
      LongModeInterrupt.deliver(cpu, vector, kind, errorCode, returnRip);
    } else {
      ProtectedModeInterrupt.deliver(cpu, vector, kind, errorCode, returnRip);
    }
    cpu.stiShadow = false;
    cpu.movSsShadow = false;
  }

  /**
   * What an exception during the delivery of another event comes to (SDM volume 3, "Interrupt 8—Double Fault
   * Exception").
   *
   * @return the vector to deliver next, {@link Vector#DF} among them, or -1 for a triple fault
   */
  public static int combine(int firstKind, int firstVector, int secondVector) {
    if (firstKind != HARDWARE_EXCEPTION) {
      return secondVector;
    }
    boolean secondContributes = contributory(secondVector);
    boolean secondPages = pageFault(secondVector);
    if (firstVector == Vector.DF) {
      return secondContributes || secondPages ? -1 : secondVector;
    }
    boolean twice = contributory(firstVector) && secondContributes
        || pageFault(firstVector) && (secondContributes || secondPages);
    return twice ? Vector.DF : secondVector;
  }

  private static boolean contributory(int vector) {
    return vector == Vector.DE || vector >= Vector.TS && vector <= Vector.GP || vector == Vector.CP;
  }

  private static boolean pageFault(int vector) {
    return vector == Vector.PF || vector == Vector.VE;
  }

  /**
   * The RF that is pushed (SDM volume 3, "Instruction-Breakpoint Exception Condition"): 1 for faults, so that they
   * are resumed.
   */
  static boolean setsRf(Cpu cpu, int vector, int kind) {
    if (kind == PRIVILEGED_SOFTWARE_EXCEPTION) { // INT1: only what MOV SS has held back is to be reported
      cpu.debug.delivered();
      return false;
    }
    if (kind != HARDWARE_EXCEPTION) {
      return false;
    }
    if (vector == Vector.DB) {
      return cpu.debug.delivered();
    }
    cpu.debug.instructionFaulted();
    return vector != Vector.MC;
  }
}
