package org.sallyport.cpu.vmx.fuzz;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.sallyport.api.memory.MemorySlot;

/**
 * A small guest-physical memory: RAM from 0, a ROM below 1 MiB and one below 4 GiB, RAM above 4 GiB; nothing elsewhere. Between the pieces of
 * host memory lie guards that nobody may write.
 */
final class NoiseMemory {
  static final int RAM_SIZE = 0x20000;
  static final long ROM = 0xf0000;
  static final long HIGH_ROM = 0xffffc000L;
  static final long HIGH_RAM = 0x100000000L;
  static final int SMALL_SIZE = 0x4000;

  private static final int GUARD = 0x4000;
  private static final byte GUARD_BYTE = (byte) 0xa5;

  private final MemorySegment all;
  private final MemorySegment intact;

  final MemorySegment ram;
  final MemorySegment highRam;
  final List<MemorySlot> slots;

  NoiseMemory(Arena arena) {
    int size = RAM_SIZE + 3 * SMALL_SIZE + 5 * GUARD;
    all = arena.allocate(size, 4096);
    intact = arena.allocate(size, 4096);
    all.fill(GUARD_BYTE);
    long at = GUARD;
    ram = all.asSlice(at, RAM_SIZE);
    at += RAM_SIZE + GUARD;
    MemorySegment rom = all.asSlice(at, SMALL_SIZE);
    at += SMALL_SIZE + GUARD;
    MemorySegment highRom = all.asSlice(at, SMALL_SIZE);
    at += SMALL_SIZE + GUARD;
    highRam = all.asSlice(at, SMALL_SIZE);
    for (int i = 0; i < SMALL_SIZE; i++) {
      rom.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31 + (i >> 8)));
      highRom.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 17 + (i >> 7)));
    }
    intact.copyFrom(all);
    slots = List.of(new MemorySlot("ram", 0, ram, false), new MemorySlot("rom", ROM, rom, true),
        new MemorySlot("high rom", HIGH_ROM, highRom, true), new MemorySlot("high ram", HIGH_RAM, highRam, false));
  }

  /** Throws if anything has been written that is not RAM. */
  void checkGuards() {
    long at = GUARD + RAM_SIZE;
    compare(0, GUARD, "memory before RAM");
    compare(at, at + GUARD, "memory behind RAM");
    compare(at + GUARD, at + GUARD + SMALL_SIZE, "ROM");
    compare(at + GUARD + SMALL_SIZE, at + 2 * GUARD + SMALL_SIZE, "memory behind ROM");
    compare(at + 2 * GUARD + SMALL_SIZE, at + 2 * GUARD + 2 * SMALL_SIZE, "ROM");
    compare(at + 2 * GUARD + 2 * SMALL_SIZE, at + 3 * GUARD + 2 * SMALL_SIZE, "memory behind ROM");
    compare(all.byteSize() - GUARD, all.byteSize(), "memory behind RAM");
  }

  private void compare(long from, long to, String what) {
    long at = MemorySegment.mismatch(all, from, to, intact, from, to);
    if (at >= 0) {
      all.copyFrom(intact);
      throw new IllegalStateException(what + " was written, at +0x" + Long.toHexString(at));
    }
  }
}
