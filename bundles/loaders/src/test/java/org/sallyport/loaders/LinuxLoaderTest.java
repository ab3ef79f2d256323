package org.sallyport.loaders;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.sallyport.loaders.Bench.MIB;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.loader.BootSource;
import org.sallyport.api.loader.LoadException;
import org.sallyport.loaders.tables.FirmwareTables;

class LinuxLoaderTest {
  @TempDir Path folder;

  private final LinuxLoader loader = new LinuxLoader();
  private final ArrayMemory memory = new ArrayMemory(16 * MIB);
  private final BzImage image = new BzImage();

  private Path kernel() {
    return Bench.file(folder, "bzImage", image.array());
  }

  private VcpuState load(BootSource source) throws LoadException {
    return loader.load(source, Bench.pc(1, (int) memory.ramSize()), memory, Bench.POWER_ON);
  }

  @Test
  void recognisesABzImageAndNothingElse() {
    assertTrue(loader.recognises(ByteBuffer.wrap(image.array())));
    assertFalse(loader.recognises(ByteBuffer.wrap(new byte[4096])));
    assertFalse(loader.recognises(ByteBuffer.wrap(new byte[10])));
  }

  @Test
  void entersThe32BitEntryPointAsTheProtocolSays() throws LoadException {
    VcpuState state = load(Bench.kernel(kernel(), "console=ttyS0"));
    assertEquals(BzImage.PREFERRED, state.rip());
    assertEquals(0x10, state.cs().selector());
    assertEquals(0x18, state.ds().selector());
    Bench.assertFlat32(state, memory);
    for (int register : new int[]{3, 5, 7}) {
      assertEquals(0, state.gpr().get(register), "EBX, EBP and EDI are zero");
    }
    for (int i = 0; i < BzImage.PAYLOAD; i++) {
      assertEquals(BzImage.payload(i), (byte) memory.read(BzImage.PREFERRED + i, 1));
    }
  }

  @Test
  void fillsBootParams() throws LoadException {
    long rsdp = new FirmwareTables().write(Bench.pc(1, 16 * MIB), memory);
    VcpuState state = load(Bench.kernel(kernel(), "console=ttyS0 quiet"));
    long params = state.gpr().get(6);
    assertEquals("console=ttyS0 quiet", memory.string(memory.read(params + 0x228, 4)));
    assertEquals(0xff, memory.read(params + 0x210, 1), "type_of_loader: undefined");
    assertEquals(0x20f, memory.read(params + 0x206, 2), "the header is copied");
    assertEquals(0x12345678, memory.read(params + 0x264, 4), "up to its end");
    assertEquals(0, memory.read(params + 0x26c, 4), "and not beyond");
    assertEquals(0, memory.read(params, 8), "what was in memory before is gone");
    assertEquals(0, memory.read(params + 0x218, 8), "no initrd");
    assertEquals(rsdp, memory.read(params + 0x70, 8));
    assertEquals(4, memory.read(params + 0x1e8, 1));
    assertEquals(0x100000, memory.read(params + 0x2d0 + 60, 8));
    assertEquals(15 * MIB, memory.read(params + 0x2d0 + 68, 8));
    assertEquals(1, memory.read(params + 0x2d0 + 76, 4));
    assertEquals(2, memory.read(params + 0x2d0 + 20 + 16, 4));
  }

  @Test
  void tellsNoRsdpWhereThereIsNone() throws LoadException {
    assertEquals(0, memory.read(load(Bench.kernel(kernel(), "")).gpr().get(6) + 0x70, 8));
  }

  @Test
  void putsTheInitrdAtTheEndOfMemoryOrAsHighAsTheKernelAllows() throws LoadException {
    byte[] content = new byte[5000];
    new Random(1).nextBytes(content);
    BootSource source = BootSource.ofKernel(kernel(), Optional.of(Bench.file(folder, "initrd", content)), "");
    long params = load(source).gpr().get(6);
    assertEquals(16 * MIB - 0x2000, memory.read(params + 0x218, 4));
    assertEquals(5000, memory.read(params + 0x21c, 4));
    assertArrayEquals(content, memory.bytes(16 * MIB - 0x2000, 5000));

    image.bytes.putInt(0x22c, 8 * MIB - 1);
    BootSource limited = BootSource.ofKernel(kernel(), source.initrd(), "");
    params = load(limited).gpr().get(6);
    assertEquals(8 * MIB - 0x2000, memory.read(params + 0x218, 4));
    assertArrayEquals(content, memory.bytes(8 * MIB - 0x2000, 5000));
  }

  @Test
  void loadsWhatIsNotRelocatableAtOneMebibyte() throws LoadException {
    image.bytes.put(0x234, (byte) 0).putLong(0x258, MIB);
    VcpuState state = load(Bench.kernel(kernel(), ""));
    assertEquals(MIB, state.rip());
    assertEquals(BzImage.payload(77), (byte) memory.read(MIB + 77, 1));
  }

  @Test
  void keepsTheCommandLineWithinWhatTheKernelTakes() throws LoadException {
    load(Bench.kernel(kernel(), "x".repeat(BzImage.COMMAND_LINE_MAX)));
    Path kernel = kernel();
    Bench.assertRefused(loader, Bench.kernel(kernel, "x".repeat(BzImage.COMMAND_LINE_MAX + 1)), memory, kernel, "2047",
        "2048",
        "append=");
    Bench.assertRefused(loader, Bench.kernel(kernel, "a\nb"), memory, kernel, "append=");
  }

  @Test
  void saysWhatIsWrongWithAFile() {
    Path missing = folder.resolve("missing");
    Bench.assertRefused(loader, Bench.kernel(missing, ""), memory, missing, "no such file", "kernel=");
    Bench.assertRefused(loader, Bench.kernel(folder, ""), memory, folder, "directory");
    Path gzip = Bench.file(folder, "x.gz", new byte[]{0x1f, (byte) 0x8b, 8, 0});
    Bench.assertRefused(loader, Bench.kernel(gzip, ""), memory, gzip, "no Linux kernel", "a gzip file", "bzImage");
    Path kernel = kernel();
    Path noInitrd = folder.resolve("no-initrd");
    Bench.assertRefused(loader, BootSource.ofKernel(kernel, Optional.of(noInitrd), ""), memory, noInitrd,
        "no such file", "initrd=");
    Path cut = Bench.file(folder, "cut", Arrays.copyOf(image.array(), image.array().length - 100));
    Bench.assertRefused(loader, Bench.kernel(cut, ""), memory, cut, "cut short", "promises");
    Path tiny = Bench.file(folder, "tiny", Arrays.copyOf(image.array(), 0x240));
    Bench.assertRefused(loader, Bench.kernel(tiny, ""), memory, tiny, "cut short");
    BootSource modules =
        new BootSource(Optional.of(kernel), Optional.empty(), "", List.of(new BootSource.Module(kernel, "")),
            Optional.empty(), Optional.empty());
    Bench.assertRefused(loader, modules, memory, kernel, "no modules");
  }

  @Test
  void refusesOldKernels() {
    image.bytes.putShort(0x206, (short) 0x204);
    Path kernel = kernel();
    Bench.assertRefused(loader, Bench.kernel(kernel, ""), memory, kernel, "boot protocol 2.04", "2.10");
    image.bytes.putShort(0x206, (short) 0x20f).put(0x211, (byte) 0);
    kernel = kernel();
    Bench.assertRefused(loader, Bench.kernel(kernel, ""), memory, kernel, "zImage");
  }

  @Test
  void saysHowMuchMemoryIsNeeded() {
    Path kernel = kernel();
    ArrayMemory small = new ArrayMemory(5 * MIB);
    Bench.assertRefused(loader, Bench.kernel(kernel, ""), small, kernel,
        "the kernel needs 6 MiB, the machine has 5 MiB: memory=6M");
    Path initrd = Bench.file(folder, "initrd", new byte[3 * MIB]);
    ArrayMemory between = new ArrayMemory(8 * MIB);
    BootSource source = BootSource.ofKernel(kernel, Optional.of(initrd), "");
    Bench.assertRefused(loader, source, between, initrd, "3 MiB", "the machine has 8 MiB: memory=9M");
    image.bytes.putInt(0x22c, 7 * MIB - 1);
    BootSource limited = BootSource.ofKernel(kernel(), Optional.of(initrd), "");
    Bench.assertRefused(loader, limited, memory, initrd, "too large", "below 7 MiB");
  }

  @Test
  void fitsExactly() throws LoadException {
    ArrayMemory exact = new ArrayMemory(6 * MIB);
    loader.load(Bench.kernel(kernel(), ""), Bench.pc(1, 6 * MIB), exact, Bench.POWER_ON);
    ArrayMemory withInitrd = new ArrayMemory(9 * MIB);
    BootSource source = BootSource.ofKernel(kernel(), Optional.of(Bench.file(folder, "initrd", new byte[3 * MIB])), "");
    loader.load(source, Bench.pc(1, 9 * MIB), withInitrd, Bench.POWER_ON);
  }

  @Test
  void loadsAnInstalledKernel() throws IOException, LoadException {
    Path installed = null;
    if (Files.isDirectory(Path.of("/boot"))) {
      try (DirectoryStream<Path> kernels = Files.newDirectoryStream(Path.of("/boot"), "vmlinuz-*")) {
        for (Path kernel : kernels) {
          installed = Files.isReadable(kernel) ? kernel : installed;
        }
      }
    }
    assumeTrue(installed != null, "no readable /boot/vmlinuz-* on this host");
    byte[] file = Files.readAllBytes(installed);
    assumeTrue(loader.recognises(ByteBuffer.wrap(file)), "not a bzImage");
    ArrayMemory large = new ArrayMemory(128 * MIB);
    VcpuState state =
        loader.load(Bench.kernel(installed, "console=ttyS0"), Bench.pc(1, 128 * MIB), large, Bench.POWER_ON);
    int setup = (Byte.toUnsignedInt(file[0x1f1]) + 1) * 512;
    assertArrayEquals(Arrays.copyOfRange(file, setup, setup + 4096), large.bytes(state.rip(), 4096));
  }
}
