package org.sallyport.loaders;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.loaders.Bench.MIB;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.loader.BootSource;
import org.sallyport.api.loader.LoadException;

class MultibootLoaderTest {
  private static final int HEADER_OFFSET = 0x40;

  @TempDir Path folder;

  private final MultibootLoader loader = new MultibootLoader();
  private final ArrayMemory memory = new ArrayMemory(8 * MIB);

  /** A plain image: 64 bytes of which the loader should know nothing, the header, 32 bytes of code. */
  private static ByteBuffer plain(int flags, long load, long loadEnd, long bssEnd) {
    ByteBuffer file = ByteBuffer.allocate(HEADER_OFFSET + 64).order(ByteOrder.LITTLE_ENDIAN);
    file.position(HEADER_OFFSET);
    file.putInt(0x1badb002).putInt(flags).putInt(-(0x1badb002 + flags));
    file.putInt((int) load).putInt((int) load).putInt((int) loadEnd).putInt((int) bssEnd).putInt((int) load + 32);
    for (int i = 0; i < 32; i++) {
      file.put((byte) (i + 1));
    }
    return file.rewind();
  }

  private static ByteBuffer elf(int flags) {
    byte[] code = new byte[64];
    ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).putInt(0x1badb002).putInt(flags).putInt(-(0x1badb002 + flags));
    return ElfFile.elf32(MIB, MIB, MIB + 12, code, 0x2345);
  }

  private VcpuState load(BootSource source) throws LoadException {
    return loader.load(source, Bench.pc(1, 8 * MIB), memory, Bench.POWER_ON);
  }

  private Path file(ByteBuffer content) {
    return Bench.file(folder, "kernel image.bin", content.array());
  }

  @Test
  void loadsAnElfImageAndEntersItAsTheSpecificationSays() throws LoadException {
    VcpuState state = load(Bench.kernel(file(elf(3)), "one two"));
    assertEquals(MIB + 12, state.rip());
    assertEquals(0x2badb002L, state.gpr().get(0));
    Bench.assertFlat32(state, memory);
    long info = state.gpr().get(3);
    int flags = (int) memory.read(info, 4);
    assertEquals(1 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9, flags);
    assertEquals(0x9fc00 >> 10, memory.read(info + 4, 4), "mem_lower");
    assertEquals(7 << 10, memory.read(info + 8, 4), "mem_upper");
    assertEquals("kernel image.bin one two", memory.string(memory.read(info + 16, 4)));
    assertEquals(0, memory.read(info + 20, 4), "no modules");
    assertEquals("Sallyport", memory.string(memory.read(info + 64, 4)));
  }

  @Test
  void hasTheMemoryMap() throws LoadException {
    long info = load(Bench.kernel(file(elf(0)), "")).gpr().get(3);
    long at = memory.read(info + 48, 4);
    long end = at + memory.read(info + 44, 4);
    StringBuilder map = new StringBuilder();
    while (at < end) {
      map.append(String.format("%x+%x:%d ", memory.read(at + 4, 8), memory.read(at + 12, 8), memory.read(at + 20, 4)));
      at += memory.read(at, 4) + 4;
    }
    assertEquals(end, at);
    assertEquals("0+9fc00:1 9fc00+400:2 e0000+20000:2 100000+700000:1 ", map.toString());
    assertEquals("kernel image.bin", memory.string(memory.read(info + 16, 4)), "no blank behind the name");
  }

  @Test
  void loadsAPlainImageByTheHeadersAddresses() throws LoadException {
    VcpuState state = load(Bench.kernel(file(plain(1 << 16, 2 * MIB, 0, 2 * MIB + 0x100)), ""));
    assertEquals(2 * MIB + 32, state.rip());
    assertEquals(0x1badb002, memory.read(2 * MIB, 4));
    assertEquals(1, memory.read(2 * MIB + 32, 1));
    assertEquals(32, memory.read(2 * MIB + 63, 1));
    assertArrayEquals(new byte[0x100 - 64], memory.bytes(2 * MIB + 64, 0x100 - 64), "bss");
    assertEquals(0xa5, memory.read(2 * MIB + 0x100, 1));
  }

  @Test
  void honoursLoadEnd() throws LoadException {
    load(Bench.kernel(file(plain(1 << 16, 2 * MIB, 2 * MIB + 40, 0)), ""));
    assertEquals(8, memory.read(2 * MIB + 39, 1));
    assertEquals(0xa5, memory.read(2 * MIB + 40, 1));
  }

  @Test
  void hasModulesInPagesBehindTheImageTheInitrdFirst() throws LoadException {
    Path initrd = Bench.file(folder, "env", new byte[]{10, 11});
    Path second = Bench.file(folder, "second", new byte[5000]);
    BootSource source = new BootSource(Optional.of(file(elf(1))), Optional.of(initrd), "",
        List.of(new BootSource.Module(second, "mod x")),
        Optional.empty(), Optional.empty());
    long info = load(source).gpr().get(3);
    assertEquals(2, memory.read(info + 20, 4));
    long modules = memory.read(info + 24, 4);
    long first = memory.read(modules, 4);
    assertEquals(MIB + 0x3000, first);
    assertEquals(first + 2, memory.read(modules + 4, 4));
    assertEquals("env", memory.string(memory.read(modules + 8, 4)));
    assertEquals(0x0b0a, memory.read(first, 2));
    assertEquals(MIB + 0x4000, memory.read(modules + 16, 4));
    assertEquals(MIB + 0x4000 + 5000, memory.read(modules + 20, 4));
    assertEquals("mod x", memory.string(memory.read(modules + 24, 4)));
  }

  @Test
  void findsTheHeaderOnlyWhereItMayBe() {
    assertTrue(loader.recognises(plain(0, 0, 0, 0)));
    assertTrue(loader.recognises(elf(0)));
    ByteBuffer late = ByteBuffer.allocate(10_000).order(ByteOrder.LITTLE_ENDIAN);
    late.putInt(8192, 0x1badb002).putInt(8200, -0x1badb002);
    assertFalse(loader.recognises(late), "behind the first 8 KiB");
    late.putInt(8180, 0x1badb002).putInt(8188, -0x1badb002);
    assertTrue(loader.recognises(late));
    ByteBuffer odd = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    odd.putInt(2, 0x1badb002).putInt(10, -0x1badb002);
    assertFalse(loader.recognises(odd), "not aligned");
    assertFalse(loader.recognises(plain(0, 0, 0, 0).putInt(HEADER_OFFSET + 8, 1)), "wrong checksum");
  }

  @Test
  void saysWhatIsWrong() {
    refused(ByteBuffer.wrap("plain text".getBytes()), "no multiboot 1 header", "a text file");
    refused(plain(1 << 2 | 1 << 16, MIB, 0, 0), "video mode");
    refused(plain(1 << 5 | 1 << 16, MIB, 0, 0), "flags 20h");
    refused(plain(0, MIB, 0, 0), "no ELF file", "flag 16");
    refused(plain(1 << 16, 7 * MIB, 0, 9 * MIB), "needs 9 MiB, the machine has 8 MiB: memory=9M");
    refused(plain(1 << 16, 0xa0000, 0, 0), "A0000h", "no usable RAM");
    refused(plain(1 << 16, MIB, MIB + 1000, 0), "cut short", "promises");
    refused(plain(1 << 16, MIB, 0, 0).putInt(HEADER_OFFSET + 16, 2 * MIB), "contradict");
    refused(ByteBuffer.wrap(Arrays.copyOf(plain(1 << 16, MIB, 0, 0).array(), HEADER_OFFSET + 20)), "cut short");
    Path kernel = file(elf(0));
    Path missing = folder.resolve("missing");
    Bench.assertRefused(loader, BootSource.ofKernel(kernel, Optional.of(missing), ""), memory, missing, "no such file");
    Path large = Bench.file(folder, "large", new byte[8 * MIB]);
    Bench.assertRefused(loader, BootSource.ofKernel(kernel, Optional.of(large), ""), memory, large,
        "the machine has 8 MiB: memory=");
  }

  private void refused(ByteBuffer content, String... words) {
    Path file = file(content);
    Bench.assertRefused(loader, Bench.kernel(file, ""), memory, file, words);
  }
}
