package org.sallyport.loaders;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.memory.GuestMemory;

/** Finds the RSDP where an operating system would (ACPI specification 6.4, section 5.2.5.1). */
final class RsdpSearch {
  private static final byte[] SIGNATURE = "RSD PTR ".getBytes(StandardCharsets.US_ASCII);
  private static final long END = 0x100000;
  private static final int ACPI_1_LENGTH = 20;

  private RsdpSearch() {}

  static OptionalLong find(GuestMemory memory) {
    for (long at = Platform.FIRMWARE_AREA; at < END; at += 16) {
      byte[] bytes = memory.bytes(at, ACPI_1_LENGTH);
      if (Arrays.equals(bytes, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length) && sum(bytes) == 0) {
        return OptionalLong.of(at);
      }
    }
    return OptionalLong.empty();
  }

  private static byte sum(byte[] bytes) {
    byte sum = 0;
    for (byte b : bytes) {
      sum += b;
    }
    return sum;
  }
}
