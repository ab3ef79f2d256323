package org.sallyport.loaders;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.memory.GuestMemory;

/**
 * An ELF executable for x86 (System V ABI, chapter "Object Files"): its entry point and its loadable segments by
 * physical address.
 *
 * @param bits 32 or 64, the file's class
 * @param entry physical address of the first instruction
 */
record ElfImage(int bits, long entry, List<Segment> segments) {
  /** A PT_LOAD segment; all values in bytes, {@code memorySize >= fileSize}. */
  record Segment(long offset, long virtual, long physical, long fileSize, long memorySize) {
    long end() {
      return physical + memorySize;
    }
  }

  private static final byte[] MAGIC = "\177ELF".getBytes(StandardCharsets.ISO_8859_1);

  // @formatter:off
  private static final int EI_CLASS    = 4;
  private static final int EI_DATA     = 5;
  private static final int ELFCLASS32  = 1;
  private static final int ELFCLASS64  = 2;
  private static final int ELFDATA2LSB = 1;
  private static final int E_TYPE      = 16;
  private static final int E_MACHINE   = 18;
  private static final int E_ENTRY     = 24;
  private static final int ET_EXEC     = 2;
  private static final int ET_DYN      = 3;
  private static final int EM_386      = 3;
  private static final int EM_X86_64   = 62;
  private static final int PT_LOAD     = 1;
  private static final int EHSIZE32    = 52;
  private static final int EHSIZE64    = 64;
  // @formatter:on

  static boolean isElf(ByteBuffer head) {
    return ImageKind.hasBytes(head, 0, MAGIC);
  }

  /** Reads the headers; {@code image} is little-endian. */
  static ElfImage parse(ByteBuffer image, ImageFile file) throws LoadException {
    if (!isElf(image)) {
      throw file.problem("is no ELF file but looks like " + ImageKind.describe(image)
          + "; leave format= out or give an ELF executable");
    }
    if (image.order() != ByteOrder.LITTLE_ENDIAN) {
      throw new IllegalArgumentException("images are little-endian");
    }
    int elfClass = image.limit() > EI_DATA ? image.get(EI_CLASS) : 0;
    if (image.limit() < (elfClass == ELFCLASS64 ? EHSIZE64 : EHSIZE32)) {
      throw file.problem("is cut short: it ends in the ELF header; copy it again");
    }
    if (elfClass != ELFCLASS32 && elfClass != ELFCLASS64 || image.get(EI_DATA) != ELFDATA2LSB) {
      throw file.problem("is an ELF file for another kind of processor; give one for i386 or x86-64");
    }
    int machine = image.getShort(E_MACHINE);
    if (machine != EM_386 && machine != EM_X86_64) {
      throw file.problem(
          "is an ELF file for another processor (e_machine " + machine + "); give one for i386 (3) or x86-64 (62)");
    }
    int type = image.getShort(E_TYPE);
    if (type != ET_EXEC) {
      throw file.problem(type == ET_DYN
          ? "is a position-independent ELF file; link it with -no-pie"
          : "is an ELF file of type " + type + ", not an executable (2); link it");
    }
    List<Segment> segments = elfClass == ELFCLASS64 ? segments64(image, file) : segments32(image, file);
    if (segments.isEmpty()) {
      throw file.problem("is an ELF file without loadable segments; link it as an executable");
    }
    long entry = elfClass == ELFCLASS64 ? image.getLong(E_ENTRY) : Integer.toUnsignedLong(image.getInt(E_ENTRY));
    return new ElfImage(elfClass == ELFCLASS64 ? 64 : 32, physical(entry, segments), segments);
  }

  /** Puts the segments where their physical addresses say, the rest of each filled with zeros. */
  void load(ByteBuffer image, ImageFile file, Placement placement, GuestMemory memory) throws LoadException {
    for (Segment segment : segments) {
      ImageParts.take(segment.physical, segment.memorySize, file, placement, memory);
    }
    for (Segment segment : segments) {
      ImageParts.copy(image, (int) segment.offset, (int) segment.fileSize, memory, segment.physical);
      ImageParts.clear(memory, segment.physical + segment.fileSize, segment.end());
    }
  }

  /** First address behind all segments. */
  long end() {
    return segments.stream().mapToLong(Segment::end).max().orElseThrow();
  }

  /** The entry point is a virtual address; some linker scripts give a physical one, which then is in no segment. */
  private static long physical(long entry, List<Segment> segments) {
    for (Segment segment : segments) {
      if (entry >= segment.virtual && entry < segment.virtual + segment.memorySize) {
        return entry - segment.virtual + segment.physical;
      }
    }
    return entry;
  }

  private static List<Segment> segments32(ByteBuffer image, ImageFile file) throws LoadException {
    List<Segment> segments = new ArrayList<>();
    long table = Integer.toUnsignedLong(image.getInt(28));
    int entrySize = Short.toUnsignedInt(image.getShort(42));
    int count = Short.toUnsignedInt(image.getShort(44));
    for (int i = 0; i < count; i++) {
      int at = header(table, i, entrySize, 32, image, file);
      if (image.getInt(at) == PT_LOAD) {
        add(segments, image, file, u32(image, at + 4), u32(image, at + 8), u32(image, at + 12), u32(image, at + 16),
            u32(image, at + 20));
      }
    }
    return segments;
  }

  private static List<Segment> segments64(ByteBuffer image, ImageFile file) throws LoadException {
    List<Segment> segments = new ArrayList<>();
    long table = image.getLong(32);
    int entrySize = Short.toUnsignedInt(image.getShort(54));
    int count = Short.toUnsignedInt(image.getShort(56));
    for (int i = 0; i < count; i++) {
      int at = header(table, i, entrySize, 56, image, file);
      if (image.getInt(at) == PT_LOAD) {
        add(segments, image, file, image.getLong(at + 8), image.getLong(at + 16), image.getLong(at + 24),
            image.getLong(at + 32),
            image.getLong(at + 40));
      }
    }
    return segments;
  }

  private static int header(long table, int index, int entrySize, int smallest, ByteBuffer image, ImageFile file)
      throws LoadException {
    long at = table + (long) index * entrySize;
    if (entrySize < smallest || at < 0 || at > image.limit() - entrySize) {
      throw file.problem("is cut short or damaged: program header " + index + " is not in the file; copy it again");
    }
    return (int) at;
  }

  private static void add(List<Segment> segments, ByteBuffer image, ImageFile file, long offset, long virtual,
      long physical,
      long fileSize, long memorySize) throws LoadException {
    if (memorySize == 0) {
      return;
    }
    if (fileSize < 0 || memorySize < fileSize) {
      throw file.problem("is damaged: a segment is larger in the file than in memory; link it again");
    }
    if (offset < 0 || fileSize > image.limit() || offset > image.limit() - fileSize) {
      throw file.problem(
          "is cut short: a segment ends at byte " + Long.toUnsignedString(offset + fileSize) + ", the file has "
              + image.limit() + "; copy it again");
    }
    segments.add(new Segment(offset, virtual, physical, fileSize, memorySize));
  }

  private static long u32(ByteBuffer image, int at) {
    return Integer.toUnsignedLong(image.getInt(at));
  }
}
