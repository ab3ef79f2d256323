package org.sallyport.loaders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.loader.GuestLoader;
import org.sallyport.api.loader.LoadException;

class FlatLoaderTest {
  @TempDir Path folder;

  private final ArrayMemory memory = new ArrayMemory(2 * Bench.MIB);

  @Test
  void loadsLikeABootSector() throws LoadException {
    GuestLoader loader = new FlatLoader();
    assertFalse(loader.recognises(ByteBuffer.wrap(new byte[512])), "only when it is asked for");
    Path file = Bench.file(folder, "boot.bin", new byte[]{1, 2, 3});
    VcpuState state = loader.load(Bench.kernel(file, ""), Bench.pc(1, 2 * Bench.MIB), memory, Bench.POWER_ON);
    assertEquals(0x7c00, state.rip());
    assertEquals(0, state.cs().selector());
    assertEquals(0, state.cs().base());
    assertEquals(0, state.cr0() & 1);
    assertEquals(CodeMode.BITS16, CodeMode.of(state));
    assertEquals(0x80, state.gpr().get(2));
    assertEquals(0x030201, memory.read(0x7c00, 4) & 0xffffff);
  }

  @Test
  void saysHowMuchFits() throws LoadException {
    GuestLoader loader = new FlatLoader();
    Path fits = Bench.file(folder, "fits", new byte[0x9fc00 - 0x7c00]);
    loader.load(Bench.kernel(fits, ""), Bench.pc(1, 2 * Bench.MIB), memory, Bench.POWER_ON);
    Path large = Bench.file(folder, "large", new byte[0x9fc00 - 0x7c00 + 1]);
    Bench.assertRefused(loader, Bench.kernel(large, ""), memory, large, "622593 bytes", "room for 622592 bytes");
    Path empty = Bench.file(folder, "empty", new byte[0]);
    Bench.assertRefused(loader, Bench.kernel(empty, ""), memory, empty, "is empty");
  }

  @Test
  void whatNobodyKnowsIsDescribed() {
    GuestLoader loader = new UnknownImageLoader();
    assertTrue(loader.recognises(ByteBuffer.wrap(new byte[1])));
    for (String[] example : new String[][]{{"", "an empty file"}, {"070701", "a cpio archive"}, {"PK\003\004", "a zip"},
        {"#!/bin/sh", "a script"}, {"Hello\n", "a text file"}, {"\0\1\2", "data of no known format"},
        {"MZ", "EFI executable"}}) {
      Path file = Bench.file(folder, "file", example[0].getBytes(StandardCharsets.ISO_8859_1));
      Bench.assertRefused(loader, Bench.kernel(file, ""), memory, file, "is no kernel", example[1], "format=flat");
    }
  }
}
