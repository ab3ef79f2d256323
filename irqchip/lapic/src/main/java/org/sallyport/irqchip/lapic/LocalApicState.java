package org.sallyport.irqchip.lapic;

import static org.sallyport.irqchip.lapic.ApicRegisters.*;

import org.sallyport.api.device.InvalidState;

/**
 * What a local APIC remembers.
 *
 * @param xapicId identifier in xAPIC mode, 8 bits
 * @param apicBase IA32_APIC_BASE
 * @param inService ISR, 4 words of 64 vectors
 * @param triggerModes TMR
 * @param requests IRR
 * @param errorStatus ESR as it reads
 * @param newErrors errors since the last write to the ESR
 * @param localVectors timer, thermal sensor, performance counters, LINT0, LINT1, error
 * @param lint0 level of the pin
 * @param lint1 level of the pin
 * @param externalMessage an ExtINT message came whose INTR has not gone yet
 */
public record LocalApicState(int xapicId, long apicBase, int taskPriority, int logicalDestination,
    int destinationFormat,
    int spuriousVector, long[] inService, long[] triggerModes, long[] requests, int errorStatus, int newErrors,
    int[] localVectors,
    long interruptCommand, TimerState timer, boolean lint0, boolean lint1, boolean externalMessage) {
  /**
   * The timer.
   *
   * @param initialCount initial-count register
   * @param divide divide configuration register
   * @param counting whether it counts down (not in TSC-deadline mode)
   * @param zeroAt clock time in nanoseconds of the next interrupt
   * @param deadline IA32_TSC_DEADLINE
   */
  public record TimerState(int initialCount, int divide, boolean counting, long zeroAt, long deadline) {
    void validate(int mode) throws InvalidState {
      InvalidState.unless((divide & ~DIVIDE_WRITABLE) == 0, "timer.divide: a reserved bit is set");
      InvalidState.unless(!counting || initialCount != 0 && mode < ApicTimer.TSC_DEADLINE,
          "timer.counting: there is nothing to count");
      InvalidState.unless(!counting || zeroAt >= 0, "timer.zeroAt: before the clock began");
      InvalidState.unless(deadline == 0 || mode == ApicTimer.TSC_DEADLINE, "timer.deadline: set in another mode");
    }
  }

  /**
   * @param baseReserved bits that IA32_APIC_BASE cannot have on this machine
   */
  void validate(long baseReserved, LocalVectors table) throws InvalidState {
    InvalidState.unless((xapicId & ~0xff) == 0, "xapicId: " + xapicId + " has more than 8 bits");
    InvalidState.unless((apicBase & baseReserved) == 0, "apicBase: a reserved bit is set");
    InvalidState.unless((apicBase & (BASE_EN | BASE_EXTD)) != BASE_EXTD, "apicBase: EXTD without EN");
    InvalidState.unless((taskPriority & ~0xff) == 0, "taskPriority: " + taskPriority);
    InvalidState.unless((logicalDestination & 0xff_ffff) == 0, "logicalDestination: a reserved bit is set");
    InvalidState.unless((~destinationFormat & DFR_FIXED) == 0, "destinationFormat: a bit that is always 1 is 0");
    InvalidState.unless((spuriousVector & ~SVR_WRITABLE) == 0, "spuriousVector: a reserved bit is set");
    VectorSet.validate("inService", inService);
    VectorSet.validate("triggerModes", triggerModes);
    VectorSet.validate("requests", requests);
    InvalidState.unless((errorStatus & ~ESR_BITS) == 0, "errorStatus: an error that does not exist");
    InvalidState.unless((newErrors & ~ESR_BITS) == 0, "newErrors: an error that does not exist");
    table.validate(localVectors, (spuriousVector & SVR_ENABLED) != 0);
    InvalidState.unless((interruptCommand & ~(0xffff_ffffL << 32 | ICR_WRITABLE)) == 0,
        "interruptCommand: a reserved bit is set");
    InvalidState.unless(timer != null, "timer is missing");
    timer.validate(localVectors[TIMER] >>> LVT_TIMER_MODE & 3);
  }
}
