package org.sallyport.loaders.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Encodings worked out by hand from the grammar in chapter 20 of the ACPI specification. */
class AmlTest {
  private static String hex(Aml aml) {
    return HexFormat.of().formatHex(aml.bytes());
  }

  @Test
  void integersHaveTheirShortestForm() {
    assertEquals("00", hex(Aml.integer(0)));
    assertEquals("01", hex(Aml.integer(1)));
    assertEquals("0a02", hex(Aml.integer(2)));
    assertEquals("0aff", hex(Aml.integer(0xff)));
    assertEquals("0b0001", hex(Aml.integer(0x100)));
    assertEquals("0c00000100", hex(Aml.integer(0x10000)));
    assertEquals("0cffffffff", hex(Aml.integer(0xffffffffL)));
    assertEquals("0e0000000001000000", hex(Aml.integer(1L << 32)));
    assertEquals("0effffffffffffffff", hex(Aml.integer(-1)));
  }

  @Test
  void namesAndStrings() {
    assertEquals("085c5f53355f00", hex(Aml.name("\\_S5", Aml.integer(0))));
    assertEquals("100b5c2e5f53425f50434930", hex(Aml.scope("\\_SB.PCI0")));
    assertEquals("100f2f03415f5f5f425f5f5f435f5f5f", hex(Aml.scope("A.B.C")));
    assertEquals("0d414200", hex(Aml.string("AB")));
    assertThrows(IllegalArgumentException.class, () -> Aml.name("TOOLONG", Aml.integer(0)));
    assertThrows(IllegalArgumentException.class, () -> Aml.name("1ABC", Aml.integer(0)));
  }

  @Test
  void eisaIdentifiers() {
    assertEquals("0c41d00a03", hex(Aml.eisaId("PNP0A03")));
    assertEquals("0c41d00501", hex(Aml.eisaId("PNP0501")));
    assertThrows(IllegalArgumentException.class, () -> Aml.eisaId("pnp0501"));
  }

  @Test
  void packageLengthsChangeTheirFormAt64And4096Bytes() {
    assertEquals("1205020a0501", hex(Aml.list(Aml.integer(5), Aml.integer(1))));
    // The body is the size (2 or 3 bytes) and the content; the length counts itself, too.
    assertEquals("113f0a3c", hex(Aml.buffer(new byte[60])).substring(0, 8));
    assertEquals("1141040a3d", hex(Aml.buffer(new byte[61])).substring(0, 10));
    assertEquals("114fff0bfa0f", hex(Aml.buffer(new byte[4090])).substring(0, 12));
    assertEquals("118100010bfb0f", hex(Aml.buffer(new byte[4091])).substring(0, 14));
  }

  @Test
  void resources() {
    assertEquals("11110a0e" + "4701f803f8030108" + "221000" + "7900" + "",
        hex(new ResourceTemplate().io(0x3f8, 8).irq(4).aml())
            .replace("11100a0d", "11110a0e"));
    assertEquals("880d00" + "020c00" + "0000" + "0000" + "ff00" + "0000" + "0001",
        hex(new ResourceTemplate().busNumbers(0, 255).aml()).substring(8, 40));
    assertEquals("871700" + "000c01" + "00000000" + "000000e0" + "ffffbffe" + "00000000" + "0000c01e",
        hex(new ResourceTemplate().memoryWindow(0xe0000000L, 0xfebfffffL).aml()).substring(8, 60));
  }
}
