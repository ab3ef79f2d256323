package org.sallyport.cpu.vmx.translate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A guest program: pieces of code, each an instruction or a label, that can be left out one by one. */
final class Program {
  /** How an address that is only known after the layout is put into an instruction. */
  enum Patch {
    NONE,
    /** The distance from the end of the instruction. */
    RELATIVE,
    /** The address itself. */
    ABSOLUTE
  }

  /** An instruction, or (without bytes) a label. */
  static final class Piece {
    byte[] code;

    /** Another form with a displacement of 8 bits in its last byte, used where that suffices; or null. */
    byte[] small;

    Patch patch = Patch.NONE;
    int patchAt;
    int patchSize;

    /** What is patched in: the address of a piece plus something, or where that is null a constant. */
    Piece target;
    long addend;

    /** Its second byte is a constant without a meaning. */
    boolean constant;

    /** Bytes before it that nobody executes. */
    int gap;

    boolean dropped;
    private boolean isSmall;
    private long address;

    Piece(int... bytes) {
      code = new byte[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        code[i] = (byte) bytes[i];
      }
    }

    Piece(byte[] bytes) {
      code = bytes;
    }

    Piece patch(Patch how, int at, int size, Piece to, long plus) {
      patch = how;
      patchAt = at;
      patchSize = size;
      target = to;
      addend = plus;
      return this;
    }

    long address() {
      return address;
    }

    private int size() {
      return dropped ? 0 : isSmall ? small.length : code.length;
    }
  }

  final List<Piece> pieces = new ArrayList<>();

  /** Where the code begins. */
  long start;

  /** 64-bit mode, else 32-bit protected mode. */
  boolean wide;

  /** At privilege level 3. */
  boolean user;

  /** What memory, registers and the answers to VM exits are made of. */
  long seed;

  private byte[] image;
  private final TreeMap<Long, Piece> byAddress = new TreeMap<>();

  Piece add(Piece p) {
    pieces.add(p);
    return p;
  }

  /** Lays the pieces out; to be called again after pieces were dropped. */
  byte[] image() {
    for (Piece p : pieces) {
      p.isSmall = p.small != null;
    }
    boolean again = true;
    long end = start;
    while (again) {
      again = false;
      long at = start;
      for (Piece p : pieces) {
        at += p.dropped ? 0 : p.gap;
        p.address = at;
        at += p.size();
      }
      end = at;
      for (Piece p : pieces) {
        if (p.isSmall && !p.dropped) {
          long distance = value(p) - (p.address + p.small.length);
          if (distance != (byte) distance) {
            p.isSmall = false;
            again = true;
          }
        }
      }
    }
    byAddress.clear();
    image = new byte[(int) (end - start)];
    for (Piece p : pieces) {
      if (p.size() > 0) {
        byAddress.put(p.address, p);
        write(p);
      }
    }
    return image;
  }

  private static long value(Piece p) {
    return (p.target == null ? 0 : p.target.address) + p.addend;
  }

  private void write(Piece p) {
    byte[] bytes = (p.isSmall ? p.small : p.code).clone();
    long v = value(p);
    int at = p.isSmall ? bytes.length - 1 : p.patchAt;
    int size = p.isSmall ? 1 : p.patchSize;
    if (p.patch == Patch.RELATIVE) {
      v -= p.address + bytes.length;
    }
    if (p.patch != Patch.NONE) {
      for (int i = 0; i < size; i++) {
        bytes[at + i] = (byte) (v >>> 8 * i);
      }
    }
    System.arraycopy(bytes, 0, image, (int) (p.address - start), bytes.length);
  }

  /** The address of the instruction behind the one at an address, or -1 where there is none. */
  long behind(long address) {
    Piece p = byAddress.get(address);
    return p == null ? -1 : p.address + p.size();
  }

  /** Addresses and bytes of the instructions. */
  Map<Long, byte[]> instructions() {
    image();
    Map<Long, byte[]> all = new TreeMap<>();
    byAddress.forEach((address, p) -> {
      int at = (int) (address - start);
      all.put(address, Arrays.copyOfRange(image, at, at + p.size()));
    });
    return all;
  }
}
