package org.sallyport.api.loader;

import java.nio.ByteBuffer;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.memory.GuestMemory;

/**
 * Puts guests of one format into memory. Each is registered as a service; a machine asks them in order of their {@link
 * #priority()}, on the thread that starts it, before any processor runs. An object keeps nothing between calls: several
 * machines may start at a time.
 */
public interface GuestLoader {
  /**
   * Short name, as {@link BootSource#format()} gives it: {@code linux}, {@code elf}, {@code multiboot}, {@code flat}.
   */
  String format();

  /**
   * Higher ones are asked first. {@link Integer#MIN_VALUE} is for one that loads nothing but says what is wrong with an
   * image that no other recognises; its format is not offered to people.
   */
  int priority();

  /**
   * Whether an image is of this format.
   *
   * @param head the image's first bytes (up to 64 KiB), little-endian
   */
  boolean recognises(ByteBuffer head);

  /**
   * Loads the guest and what it is told about the machine.
   *
   * @param powerOn the bootstrap processor's state after power-on, to start from
   * @return the bootstrap processor's state at the guest's first instruction
   * @throws LoadException with a message that names the file and the remedy
   */
  VcpuState load(BootSource source, Platform platform, GuestMemory memory, VcpuState powerOn) throws LoadException;
}
