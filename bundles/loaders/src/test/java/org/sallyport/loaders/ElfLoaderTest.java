package org.sallyport.loaders;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.loaders.Bench.MIB;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.loader.BootSource;
import org.sallyport.api.loader.LoadException;

class ElfLoaderTest {
  private static final byte[] CODE = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  private static final long HIGH_HALF = 0xffffffff80000000L;

  @TempDir Path folder;

  private final ElfLoader loader = new ElfLoader();
  private final ArrayMemory memory = new ArrayMemory(8 * MIB);

  private VcpuState load(ByteBuffer elf, String append) throws LoadException {
    return loader.load(Bench.kernel(Bench.file(folder, "image.elf", elf.array()), append), Bench.pc(1, 8 * MIB), memory,
        Bench.POWER_ON);
  }

  @Test
  void entersA32BitImageInProtectedMode() throws LoadException {
    VcpuState state = load(ElfFile.elf32(2 * MIB, 2 * MIB, 2 * MIB + 4, CODE, 100), "a b");
    assertEquals(2 * MIB + 4, state.rip());
    Bench.assertFlat32(state, memory);
    assertEquals("a b", memory.string(state.gpr().get(7)));
    assertArrayEquals(Arrays.copyOf(CODE, 100), memory.bytes(2 * MIB, 100), "the rest of the segment is zero");
    assertEquals(0xa5, memory.read(2 * MIB + 100, 1), "what is behind it is untouched");
  }

  @Test
  void enters64BitImagesInLongModeByTheirPhysicalAddress() throws LoadException {
    VcpuState state = load(ElfFile.elf64(HIGH_HALF, 3 * MIB, HIGH_HALF + 5, CODE, CODE.length), "");
    assertEquals(3 * MIB + 5, state.rip());
    assertEquals(CodeMode.BITS64, CodeMode.of(state));
    assertEquals(0x500, state.efer());
    assertEquals(0x80000001L, state.cr0() & 0x80000001L);
    assertEquals(0x20, state.cr4());
    Bench.assertDescriptor(state, state.cs().selector(), 0x00af9b000000ffffL, memory);
    assertArrayEquals(CODE, memory.bytes(3 * MIB, CODE.length));
    assertTrue(state.gpr().get(4) < 0xa0000, "the stack is in base memory");
  }

  @Test
  void mapsTheFirstFourGibibytesToThemselves() throws LoadException {
    VcpuState state = load(ElfFile.elf64(3 * MIB, 3 * MIB, 3 * MIB, CODE, CODE.length), "");
    assertTrue(state.cr3() < 0xa0000);
    for (long linear : new long[]{0, 0x1fffff, 0x200000, 3 * MIB, 0x7fffffff, 0xfee00000L, 0xffffffffL}) {
      assertEquals(linear, translate(state.cr3(), linear));
    }
    assertEquals(-1, translate(state.cr3(), 1L << 32));
    assertEquals(-1, translate(state.cr3(), 1L << 40));
  }

  /** Walks the tables as a processor would, but only for large pages. */
  private long translate(long cr3, long linear) {
    long entry = memory.read(cr3 + 8 * (linear >> 39 & 511), 8);
    for (int shift : new int[]{30, 21}) {
      if ((entry & 1) == 0) {
        return -1;
      }
      entry = memory.read((entry & ~0xfffL) + 8 * (linear >> shift & 511), 8);
    }
    return (entry & 0x83) == 0x83 ? (entry & ~0x1fffffL) | linear & 0x1fffff : -1;
  }

  @Test
  void doesNotTakeWhatTheImageUses() throws LoadException {
    VcpuState state = load(ElfFile.elf64(0x90000, 0x90000, 0x90000, CODE, 0xfc00), "x");
    for (long address : new long[]{state.cr3(), state.gdtr().base(), state.gpr().get(7), state.gpr().get(4) - 1}) {
      assertTrue(address < 0x90000, Long.toHexString(address));
    }
    assertArrayEquals(Arrays.copyOf(CODE, 0xfc00), memory.bytes(0x90000, 0xfc00));
  }

  @Test
  void saysWhatIsWrong() {
    refused(ByteBuffer.wrap(new byte[]{'#', '!', '/', 'b', 'i', 'n'}), "a script");
    refused(ElfFile.elf64(MIB, MIB, MIB, CODE, 9).put(16, (byte) 3), "-no-pie");
    refused(ElfFile.elf64(MIB, MIB, MIB, CODE, 9).put(16, (byte) 1), "type 1");
    refused(ElfFile.elf64(MIB, MIB, MIB, CODE, 9).put(18, (byte) 183), "another processor (e_machine 183)");
    refused(ElfFile.elf64(MIB, MIB, MIB, CODE, 9).put(5, (byte) 2), "another kind of processor");
    refused(ElfFile.elf64(MIB, MIB, MIB, CODE, 9).put(64, (byte) 2), "without loadable segments");
    refused(ElfFile.elf64(7 * MIB, 7 * MIB, MIB, CODE, 2 * MIB), "needs 9 MiB, the machine has 8 MiB: memory=9M");
    refused(ElfFile.elf64(0xb8000, 0xb8000, MIB, CODE, 9), "B8000h", "no usable RAM");
    refused(ElfFile.elf64(HIGH_HALF, HIGH_HALF, MIB, CODE, 9), "above 4 GiB");
    refused(ElfFile.elf64(MIB, MIB, 1L << 33, CODE, 9), "entry point");
    refused(ElfFile.elf64(MIB, MIB, MIB, CODE, 3), "larger in the file than in memory");
    ByteBuffer whole = ElfFile.elf64(MIB, MIB, MIB, CODE, 9);
    for (int length : new int[]{4, 20, 70, whole.limit() - 1}) {
      refused(ByteBuffer.wrap(Arrays.copyOf(whole.array(), length)), "cut short");
    }
    refused(ElfFile.elf64(MIB, MIB, MIB, CODE, 9).putLong(32, Long.MAX_VALUE - 10), "program header");
    refused(ElfFile.elf64(MIB, MIB, MIB, CODE, 9).putLong(72, Long.MAX_VALUE), "cut short");
  }

  private void refused(ByteBuffer elf, String... words) {
    Path file = Bench.file(folder, "image.elf", elf.array());
    Bench.assertRefused(loader, Bench.kernel(file, ""), memory, file, words);
  }

  @Test
  void takesNoInitrd() {
    Path file = Bench.file(folder, "image.elf", ElfFile.elf64(MIB, MIB, MIB, CODE, 9).array());
    Bench.assertRefused(loader, BootSource.ofKernel(file, Optional.of(file), ""), memory, file, "no initrd");
    assertTrue(loader.recognises(ElfFile.elf64(MIB, MIB, MIB, CODE, 9)));
    assertFalse(loader.recognises(ByteBuffer.wrap(CODE)));
  }
}
