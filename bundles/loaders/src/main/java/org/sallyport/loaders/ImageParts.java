package org.sallyport.loaders;

import java.nio.ByteBuffer;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.memory.GuestMemory;

/** Puts parts of an image to the addresses that it was linked for. */
final class ImageParts {
  private static final byte[] ZEROS = new byte[1 << 16];
  private static final long FOUR_GIB = 1L << 32;

  private ImageParts() {}

  /** Takes a fixed place, or says why it cannot be had. */
  static void take(long address, long length, ImageFile file, Placement placement, GuestMemory memory)
      throws LoadException {
    if (placement.take(address, length)) {
      return;
    }
    long end = address + length;
    if (address < 0 || length < 0 || end < 0 || end > FOUR_GIB) {
      throw file.problem(
          String.format("is linked for physical addresses %Xh to %Xh, above 4 GiB; link it lower", address, end));
    }
    if (placement.isUsable(address, length)) {
      throw file.problem(String.format("has parts that overlap at %Xh; link it again", address));
    }
    if (end > memory.ramSize() && memory.ramSize() < FOUR_GIB - (1L << 30)) {
      throw file.tooLittleMemory(end, memory);
    }
    throw file.problem(String
        .format("is linked for %Xh to %Xh, where the machine has no usable RAM; link it to 100000h", address, end));
  }

  static void copy(ByteBuffer image, int offset, int length, GuestMemory memory, long address) {
    memory.write(address, image.array(), image.arrayOffset() + offset, length);
  }

  static void clear(GuestMemory memory, long address, long end) {
    for (long at = address; at < end; at += ZEROS.length) {
      memory.write(at, ZEROS, 0, (int) Math.min(ZEROS.length, end - at));
    }
  }
}
