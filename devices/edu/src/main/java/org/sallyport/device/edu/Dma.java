package org.sallyport.device.edu;

import static org.sallyport.device.edu.EduRegisters.*;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.sallyport.api.clock.Timer;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.memory.GuestMemory;

/** The card's DMA engine: copies between its buffer and memory, some time after the command. */
final class Dma {
  private final DeviceContext context;
  private final GuestMemory memory;
  private final BooleanSupplier master;
  private final long mask;
  private final Runnable done;
  private final Timer timer;
  private final byte[] buffer = new byte[BUFFER_SIZE];
  private final long[] registers = new long[4];

  /** Source, target, count and command, the buffer, and when the transfer is to be done (0 when there is none). */
  record State(long[] registers, byte[] buffer, long deadline) {
    void check() throws InvalidState {
      InvalidState.unless(registers.length == 4, "dma.registers: not 4 of them");
      InvalidState.unless((registers[3] & ~COMMAND_BITS) == 0, "dma.registers: reserved bits of the command are set");
      InvalidState.unless(buffer.length == BUFFER_SIZE, "dma.buffer: not " + BUFFER_SIZE + " bytes");
      InvalidState.unless(deadline >= 0 && (deadline != 0) == ((registers[3] & RUN) != 0),
          "dma.deadline: there is one while a transfer runs, and none otherwise");
    }
  }

  /**
   * @param memory what it reaches
   * @param master whether it may
   * @param mask which bits of an address in memory it puts on the bus
   * @param done what to do when a transfer ends for which the command asks for an interrupt
   */
  Dma(DeviceContext context, GuestMemory memory, BooleanSupplier master, long mask, Runnable done) {
    this.context = context;
    this.memory = memory;
    this.master = master;
    this.mask = mask;
    this.done = done;
    timer = context.clock().timer("dma", this::transfer);
  }

  /** Reads 32 bits. */
  int read(int register) {
    return (int) (registers[index(register)] >>> 8 * (register & 4));
  }

  /** Writes 32 or 64 bits. While a transfer runs, nothing changes. */
  void write(int register, int size, long value) {
    int index = index(register);
    if ((command() & RUN) != 0) {
      return;
    }
    long old = registers[index];
    registers[index] = size == 8
        ? value
        : (register & 4) == 0 ? old & ~0xffff_ffffL | value & 0xffff_ffffL : old & 0xffff_ffffL | value << 32;
    registers[3] &= COMMAND_BITS;
    if (index == 3 && (command() & RUN) != 0) {
      long count = Math.clamp(registers[2], 0, BUFFER_SIZE);
      timer.at(context.clock().nanos() + DMA_TIME + DMA_TIME_PER_BYTE * count);
    }
  }

  private static int index(int register) {
    return (register - DMA_SOURCE) / 8;
  }

  private long command() {
    return registers[3];
  }

  private void transfer() {
    boolean toMemory = (command() & TO_MEMORY) != 0;
    long inside = registers[toMemory ? 0 : 1] - BUFFER;
    long outside = registers[toMemory ? 1 : 0] & mask;
    long count = registers[2];
    if (inside < 0 || count < 0 || count > BUFFER_SIZE || inside > BUFFER_SIZE - count) {
      context.log(String.format("DMA outside of its buffer: 0x%x, %d bytes", inside + BUFFER, count));
    } else if (!master.getAsBoolean()) {
      context.log("DMA, but the card may not be bus master");
    } else if (toMemory) {
      memory.write(outside, buffer, (int) inside, (int) count);
    } else {
      memory.read(outside, buffer, (int) inside, (int) count);
    }
    boolean raise = (command() & DMA_RAISE) != 0;
    registers[3] &= ~RUN;
    if (raise) {
      done.run();
    }
  }

  void reset() {
    timer.cancel();
    Arrays.fill(registers, 0);
    Arrays.fill(buffer, (byte) 0);
  }

  void close() {
    timer.close();
  }

  State save() {
    return new State(registers.clone(), buffer.clone(), timer.isArmed() ? timer.deadline() : 0);
  }

  void restore(State state) {
    System.arraycopy(state.registers(), 0, registers, 0, registers.length);
    System.arraycopy(state.buffer(), 0, buffer, 0, buffer.length);
    if (state.deadline() != 0) {
      timer.at(state.deadline());
    } else {
      timer.cancel();
    }
  }
}
