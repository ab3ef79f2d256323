package org.sallyport.loaders.tables;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A piece of AML, ACPI's machine language (ACPI specification 6.4, chapter 20). The functions are named like the words
 * of ASL, so that a table reads like its source: {@code device("RTC0", name("_HID", eisaId("PNP0B00")), ...)}.
 */
final class Aml {
  // @formatter:off
  private static final int ZERO_OP        = 0x00;
  private static final int ONE_OP         = 0x01;
  private static final int NAME_OP        = 0x08;
  private static final int BYTE_PREFIX    = 0x0a;
  private static final int WORD_PREFIX    = 0x0b;
  private static final int DWORD_PREFIX   = 0x0c;
  private static final int STRING_PREFIX  = 0x0d;
  private static final int QWORD_PREFIX   = 0x0e;
  private static final int SCOPE_OP       = 0x10;
  private static final int BUFFER_OP      = 0x11;
  private static final int PACKAGE_OP     = 0x12;
  private static final int DUAL_NAME      = 0x2e;
  private static final int MULTI_NAME     = 0x2f;
  private static final int EXT_OP_PREFIX  = 0x5b;
  private static final int DEVICE_OP      = 0x82;
  // @formatter:on

  private static final int LARGEST_PACKAGE = 255;

  private final byte[] bytes;

  private Aml(byte... bytes) {
    this.bytes = bytes;
  }

  byte[] bytes() {
    return bytes.clone();
  }

  static Aml scope(String path, Aml... body) {
    return packaged(join(nameString(path), join(body)), SCOPE_OP);
  }

  static Aml device(String name, Aml... body) {
    return packaged(join(nameString(name), join(body)), EXT_OP_PREFIX, DEVICE_OP);
  }

  static Aml name(String name, Aml value) {
    return join(new Aml((byte) NAME_OP), nameString(name), value);
  }

  /** An integer constant in its shortest form; unsigned 64 bits. */
  static Aml integer(long value) {
    if (value == 0) {
      return new Aml((byte) ZERO_OP);
    }
    if (value == 1) {
      return new Aml((byte) ONE_OP);
    }
    if ((value & ~0xffL) == 0) {
      return constant(BYTE_PREFIX, value, 1);
    }
    if ((value & ~0xffffL) == 0) {
      return constant(WORD_PREFIX, value, 2);
    }
    return (value & ~0xffff_ffffL) == 0 ? constant(DWORD_PREFIX, value, 4) : constant(QWORD_PREFIX, value, 8);
  }

  static Aml string(String text) {
    return join(new Aml((byte) STRING_PREFIX), new Aml((text + '\0').getBytes(StandardCharsets.US_ASCII)));
  }

  /**
   * An EISA identifier such as {@code PNP0A03}, packed into 32 bits: three letters of 5 bits, four hexadecimal digits.
   */
  static Aml eisaId(String id) {
    if (!id.matches("[A-Z]{3}[0-9A-F]{4}")) {
      throw new IllegalArgumentException("not an EISA identifier: " + id);
    }
    int letters = id.charAt(0) - '@' << 10 | id.charAt(1) - '@' << 5 | id.charAt(2) - '@';
    int packed = letters << 16 | Integer.parseInt(id.substring(3), 16);
    return constant(DWORD_PREFIX, Integer.toUnsignedLong(Integer.reverseBytes(packed)), 4);
  }

  /** ASL's Package. */
  static Aml list(Aml... elements) {
    if (elements.length > LARGEST_PACKAGE) {
      throw new IllegalArgumentException("a Package has at most 255 elements, not " + elements.length);
    }
    return packaged(join(new Aml((byte) elements.length), join(elements)), PACKAGE_OP);
  }

  static Aml buffer(byte[] content) {
    return packaged(join(integer(content.length), new Aml(content)), BUFFER_OP);
  }

  static Aml join(Aml... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Aml part : parts) {
      out.writeBytes(part.bytes);
    }
    return new Aml(out.toByteArray());
  }

  private static Aml constant(int prefix, long value, int size) {
    byte[] result = new byte[1 + size];
    result[0] = (byte) prefix;
    for (int i = 0; i < size; i++) {
      result[1 + i] = (byte) (value >> 8 * i);
    }
    return new Aml(result);
  }

  /** A path such as {@code \_SB.PCI0}; segments are filled up with underscores (section 20.2.2). */
  private static Aml nameString(String path) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String rest = path;
    if (rest.startsWith("\\")) {
      out.write('\\');
      rest = rest.substring(1);
    }
    String[] segments = rest.split("\\.");
    if (segments.length == 2) {
      out.write(DUAL_NAME);
    } else if (segments.length > 2) {
      out.write(MULTI_NAME);
      out.write(segments.length);
    }
    for (String segment : segments) {
      if (!segment.matches("[A-Z_][A-Z_0-9]{0,3}")) {
        throw new IllegalArgumentException("not an ACPI name: " + path);
      }
      out.writeBytes((segment + "___").substring(0, 4).getBytes(StandardCharsets.US_ASCII));
    }
    return new Aml(out.toByteArray());
  }

  private static Aml packaged(Aml body, int... op) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int b : op) {
      out.write(b);
    }
    out.writeBytes(packageLength(body.bytes.length));
    out.writeBytes(body.bytes);
    return new Aml(out.toByteArray());
  }

  /** PkgLength (section 20.2.4): counts itself; 6 bits in one byte, or 4 bits and up to three bytes more. */
  private static byte[] packageLength(int body) {
    if (body + 1 < 1 << 6) {
      return new byte[]{(byte) (body + 1)};
    }
    int more = 1;
    while (body + 1 + more >= 1 << 4 + 8 * more) {
      more++;
    }
    int length = body + 1 + more;
    byte[] result = new byte[1 + more];
    result[0] = (byte) (more << 6 | length & 0xf);
    for (int i = 0; i < more; i++) {
      result[1 + i] = (byte) (length >> 4 + 8 * i);
    }
    return result;
  }
}
