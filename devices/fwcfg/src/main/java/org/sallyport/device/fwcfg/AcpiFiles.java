package org.sallyport.device.fwcfg;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes files of ACPI tables that firmware can put where it likes. Pointers in them count from the file's start; a list
 * of commands, {@value #LOADER}, says which file goes where, what each pointer refers to, and which checksums to make
 * anew then. Offsets in tables: ACPI specification 6.4, sections 5.2.5 to 5.2.9.
 */
final class AcpiFiles {
  static final String RSDP = "etc/acpi/rsdp";
  static final String TABLES = "etc/acpi/tables";
  static final String LOADER = "etc/table-loader";

  // @formatter:off
  private static final int RSDP_SIZE       = 36;
  private static final int RSDP_1_SIZE     = 20;  // of ACPI 1.0: what the first checksum covers
  private static final int RSDP_CHECKSUM   = 8;
  private static final int RSDP_RSDT       = 16;
  private static final int RSDP_XSDT       = 24;
  private static final int RSDP_EXTENDED   = 32;  // the second checksum

  private static final int HEADER_SIZE     = 36;
  private static final int LENGTH          = 4;
  private static final int CHECKSUM        = 9;

  private static final int FADT_FACS       = 36;
  private static final int FADT_DSDT       = 40;
  private static final int FADT_X_FACS     = 132;
  private static final int FADT_X_DSDT     = 140;

  private static final int COMMAND_SIZE    = 128;
  private static final int NAME_SIZE       = 56;
  private static final int ALLOCATE        = 1;
  private static final int ADD_POINTER     = 2;
  private static final int ADD_CHECKSUM    = 3;
  private static final int ZONE_HIGH       = 1;
  private static final int ZONE_FSEG       = 2;   // below 1 MiB, where guests look for the RSDP
  private static final int RSDP_ALIGNMENT  = 16;
  private static final int ALIGNMENT       = 64;  // of the FACS, the most that a table asks for
  // @formatter:on

  private final long base;
  private final ByteBuffer bytes;
  private final ByteBuffer pointer;
  private final List<ByteBuffer> commands = new ArrayList<>();
  private final List<Integer> seen = new ArrayList<>();
  private int end;

  private AcpiFiles(long base, byte[] source, long rsdp) {
    if (base < 0 || base % ALIGNMENT != 0) {
      throw new IllegalArgumentException("the tables begin at no multiple of " + ALIGNMENT);
    }
    this.base = base;
    bytes = ByteBuffer.wrap(source.clone()).order(ByteOrder.LITTLE_ENDIAN);
    int at = offset(rsdp, RSDP_SIZE);
    pointer = ByteBuffer.wrap(new byte[RSDP_SIZE]).order(ByteOrder.LITTLE_ENDIAN);
    pointer.put(0, bytes, at, RSDP_SIZE);
    bytes.put(at, new byte[RSDP_SIZE]);
  }

  /**
   * @param base guest-physical address that pointers take the first byte to be at, a multiple of 64
   * @param bytes all tables and the RSDP
   * @throws IllegalArgumentException when a pointer leads out of the bytes, or not to a table
   */
  static Map<String, byte[]> of(long base, byte[] bytes, long rsdp) {
    AcpiFiles files = new AcpiFiles(base, bytes, rsdp);
    files.build();
    Map<String, byte[]> result = new LinkedHashMap<>();
    result.put(RSDP, files.pointer.array());
    result.put(TABLES, java.util.Arrays.copyOf(files.bytes.array(), files.end));
    result.put(LOADER, files.script());
    return result;
  }

  /** How many of the bytes that files were made of matter. */
  static int length(long base, long rsdp, Map<String, byte[]> files) {
    return Math.max((int) (rsdp - base) + RSDP_SIZE, files.get(TABLES).length);
  }

  private void build() {
    if (!text(pointer, 0, 8).equals("RSD PTR ")) {
      throw new IllegalArgumentException("there is no RSDP where it should be");
    }
    command(ALLOCATE, RSDP).putInt(60, RSDP_ALIGNMENT).put(64, (byte) ZONE_FSEG);
    command(ALLOCATE, TABLES).putInt(60, ALIGNMENT).put(64, (byte) ZONE_HIGH);
    root(pointerTo(pointer, RSDP, RSDP_RSDT, 4), 4);
    root(pointerTo(pointer, RSDP, RSDP_XSDT, 8), 8);
    checksum(RSDP, RSDP_CHECKSUM, 0, RSDP_1_SIZE);
    checksum(RSDP, RSDP_EXTENDED, 0, RSDP_SIZE);
  }

  /** RSDT and XSDT: pointers of this size behind the header. */
  private void root(int table, int pointerSize) {
    if (table < 0) {
      return;
    }
    int length = enter(table);
    for (int at = HEADER_SIZE; at + pointerSize <= length; at += pointerSize) {
      int target = pointerTo(bytes, TABLES, table + at, pointerSize);
      if (target >= 0 && !seen.contains(target)) {
        int size = enter(target);
        if (text(bytes, target, 4).equals("FACP")) {
          fadt(target, size);
        }
        checksum(TABLES, target + CHECKSUM, target, size);
      }
    }
    checksum(TABLES, table + CHECKSUM, table, length);
  }

  private void fadt(int table, int length) {
    int[][] fields = {{FADT_FACS, 4}, {FADT_DSDT, 4}, {FADT_X_FACS, 8}, {FADT_X_DSDT, 8}};
    for (int[] field : fields) {
      if (field[0] + field[1] <= length) {
        int target = pointerTo(bytes, TABLES, table + field[0], field[1]);
        if (target >= 0) {
          enter(target);
        }
      }
    }
  }

  /** Notes a table as part of the file; returns its length. */
  private int enter(int table) {
    int length = bytes.getInt(table + LENGTH);
    if (length < HEADER_SIZE || length > bytes.capacity() - table) {
      throw new IllegalArgumentException(String.format("the table at 0x%x has the length %d", base + table, length));
    }
    seen.add(table);
    end = Math.max(end, table + length);
    return length;
  }

  /**
   * Turns an address into an offset.
   *
   * @return the offset, or -1 when there is no pointer
   */
  private int pointerTo(ByteBuffer from, String file, int at, int size) {
    long address = size == 4 ? Integer.toUnsignedLong(from.getInt(at)) : from.getLong(at);
    if (address == 0) {
      return -1;
    }
    int target = offset(address, HEADER_SIZE);
    if (size == 4) {
      from.putInt(at, target);
    } else {
      from.putLong(at, target);
    }
    ByteBuffer command = command(ADD_POINTER, file);
    name(command, 60, TABLES);
    command.putInt(116, at).put(120, (byte) size);
    return target;
  }

  private int offset(long address, int length) {
    if (address < base || address - base > bytes.capacity() - length) {
      throw new IllegalArgumentException(String.format("there is no table at 0x%x", address));
    }
    return (int) (address - base);
  }

  private void checksum(String file, int at, int first, int length) {
    command(ADD_CHECKSUM, file).putInt(60, at).putInt(64, first).putInt(68, length);
  }

  private ByteBuffer command(int number, String file) {
    ByteBuffer command = ByteBuffer.allocate(COMMAND_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    command.putInt(0, number);
    name(command, 4, file);
    commands.add(command);
    return command;
  }

  private static void name(ByteBuffer command, int at, String name) {
    byte[] text = name.getBytes(StandardCharsets.US_ASCII);
    assert text.length < NAME_SIZE;
    command.put(at, text);
  }

  private byte[] script() {
    ByteBuffer script = ByteBuffer.allocate(COMMAND_SIZE * commands.size());
    commands.forEach(command -> script.put(command.array()));
    return script.array();
  }

  private static String text(ByteBuffer from, int at, int length) {
    byte[] text = new byte[length];
    from.get(at, text);
    return new String(text, StandardCharsets.US_ASCII);
  }
}
