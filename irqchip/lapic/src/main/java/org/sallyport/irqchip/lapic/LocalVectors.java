package org.sallyport.irqchip.lapic;

import static org.sallyport.irqchip.lapic.ApicRegisters.*;

import org.sallyport.api.device.InvalidState;
import org.sallyport.api.irq.DeliveryMode;

/**
 * The local vector table (SDM volume 3A, "Local Vector Table"); its entries have the indices of {@link ApicRegisters}.
 */
final class LocalVectors {
  static final int SENSOR_WRITABLE = LVT_MASKED | 7 << LVT_MODE | LVT_VECTOR;
  static final int PIN_WRITABLE = LVT_MASKED | LVT_LEVEL | LVT_POLARITY | 7 << LVT_MODE | LVT_VECTOR;
  static final int ERROR_WRITABLE = LVT_MASKED | LVT_VECTOR;

  private final int[] writable;
  private final int[] entries = new int[LVT_ENTRIES];

  LocalVectors(boolean tscDeadline) {
    writable = new int[]{timerWritable(tscDeadline), SENSOR_WRITABLE, SENSOR_WRITABLE, PIN_WRITABLE, PIN_WRITABLE,
        ERROR_WRITABLE};
    reset();
  }

  static int timerWritable(boolean tscDeadline) {
    return (tscDeadline ? 3 : 1) << LVT_TIMER_MODE | LVT_MASKED | LVT_VECTOR;
  }

  void reset() {
    for (int i = 0; i < LVT_ENTRIES; i++) {
      entries[i] = LVT_MASKED;
    }
  }

  int get(int index) {
    return entries[index];
  }

  /** Writes an entry; while the APIC is software-disabled the mask cannot be cleared. */
  void set(int index, int value, boolean softwareEnabled) {
    int entry = value & writable[index] | entries[index] & LVT_REMOTE_IRR;
    if (!softwareEnabled) {
      entry |= LVT_MASKED;
    }
    entries[index] = entry;
    if (!isLevel(index)) {
      entries[index] &= ~LVT_REMOTE_IRR;
    }
  }

  void maskAll() {
    for (int i = 0; i < LVT_ENTRIES; i++) {
      entries[i] |= LVT_MASKED;
    }
  }

  boolean isMasked(int index) {
    return (entries[index] & LVT_MASKED) != 0;
  }

  int vector(int index) {
    return entries[index] & LVT_VECTOR;
  }

  DeliveryMode mode(int index) {
    return DeliveryMode.of(entries[index] >>> LVT_MODE);
  }

  int timerMode() {
    return entries[TIMER] >>> LVT_TIMER_MODE & 3;
  }

  /**
   * Fixed mode on LINT0 alone can be level-triggered: LINT1 is always edge-triggered, and the other modes have their
   * own trigger.
   */
  boolean isLevel(int index) {
    return index == LINT0 && (entries[index] & LVT_LEVEL) != 0 && mode(index) == DeliveryMode.FIXED;
  }

  /** Whether the entry passes an ExtINT on. */
  boolean isExternal(int index) {
    return !isMasked(index) && mode(index) == DeliveryMode.EXTINT;
  }

  boolean remoteIrr() {
    return (entries[LINT0] & LVT_REMOTE_IRR) != 0;
  }

  void remoteIrr(boolean set) {
    entries[LINT0] = set ? entries[LINT0] | LVT_REMOTE_IRR : entries[LINT0] & ~LVT_REMOTE_IRR;
  }

  int[] save() {
    return entries.clone();
  }

  void validate(int[] saved, boolean softwareEnabled) throws InvalidState {
    InvalidState.unless(saved != null && saved.length == LVT_ENTRIES, "localVectors: not 6 entries");
    for (int i = 0; i < LVT_ENTRIES; i++) {
      int allowed = i == LINT0 ? writable[i] | LVT_REMOTE_IRR : writable[i];
      InvalidState.unless((saved[i] & ~allowed) == 0, "localVectors[" + i + "]: a reserved bit is set");
      InvalidState.unless(softwareEnabled || (saved[i] & LVT_MASKED) != 0,
          "localVectors[" + i + "]: not masked in a software-disabled APIC");
    }
  }

  void restore(int[] saved) {
    System.arraycopy(saved, 0, entries, 0, LVT_ENTRIES);
  }
}
