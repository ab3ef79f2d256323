package org.sallyport.loaders;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.loaders.Bench.MIB;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.api.loader.GuestLoader;
import org.sallyport.api.loader.LoadException;

/**
 * Images with random damage in their headers load, or are refused with a line: nothing else, and nothing outside the
 * RAM is meant.
 */
class DamagedImageTest {
  private static final int ROUNDS = 1500;
  private static final int HEADER = 0x270;

  @TempDir Path folder;

  @Test
  void nothingButALineComesOfIt() throws Exception {
    long seed = System.nanoTime();
    System.out.println("DamagedImageTest seed " + seed);
    Random random = new Random(seed);
    byte[] multiboot = new byte[64];
    ByteBuffer.wrap(multiboot).order(ByteOrder.LITTLE_ENDIAN).putInt(0x1badb002).putInt(1 << 16)
        .putInt(-(0x1badb002 + (1 << 16)))
        .putInt(MIB).putInt(MIB).putInt(0).putInt(MIB + 100).putInt(MIB);
    ArrayMemory memory = new ArrayMemory(8 * MIB);
    int refused = 0;
    int loaded = 0;
    for (int i = 0; i < ROUNDS; i++) {
      GuestLoader loader;
      byte[] image;
      switch (i % 4) {
        case 0 -> {
          loader = new LinuxLoader();
          image = new BzImage().array();
        }
        case 1 -> {
          loader = new ElfLoader();
          image = ElfFile.elf32(MIB, MIB, MIB, new byte[500], 700).array();
        }
        case 2 -> {
          loader = new ElfLoader();
          image = ElfFile.elf64(MIB, MIB, MIB, new byte[500], 700).array();
        }
        default -> {
          loader = new MultibootLoader();
          image = multiboot.clone();
        }
      }
      image = damage(image, random);
      Path file = Bench.file(folder, "image", image);
      try {
        loader.load(Bench.kernel(file, "x"), Bench.pc(1, 8 * MIB), memory, Bench.POWER_ON);
        loaded++;
      } catch (LoadException e) {
        refused++;
        assertTrue(e.getMessage().contains(file.toString()) || e.getMessage().contains("below 640 KiB"),
            e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
      } catch (RuntimeException e) {
        throw new AssertionError(loader.format() + " round " + i + ": " + e, e);
      }
    }
    assertTrue(refused > ROUNDS / 10 && loaded > ROUNDS / 10, refused + " refused, " + loaded + " loaded");
  }

  private static byte[] damage(byte[] image, Random random) {
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(Math.min(image.length, HEADER));
      // Whole words as well as bits: sizes and addresses at their limits are what breaks arithmetic.
      switch (random.nextInt(3)) {
        case 0 -> image[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> Arrays.fill(image, at & ~7, Math.min(image.length, (at & ~7) + 8), (byte) 0xff);
        default -> Arrays.fill(image, at & ~3, Math.min(image.length, (at & ~3) + 4), (byte) random.nextInt());
      }
    }
    return random.nextInt(5) == 0 ? Arrays.copyOf(image, random.nextInt(image.length + 1)) : image;
  }
}
