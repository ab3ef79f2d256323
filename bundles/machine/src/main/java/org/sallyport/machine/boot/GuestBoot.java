package org.sallyport.machine.boot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuState.Activity;
import org.sallyport.api.device.FirmwareChannel;
import org.sallyport.api.loader.BootSource;
import org.sallyport.api.loader.GuestLoader;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.machine.MachineException;
import org.sallyport.machine.Plugins;
import org.sallyport.machine.board.Board;
import org.sallyport.machine.description.Suggestion;
import org.sallyport.machine.memory.PcMemory;
import org.sallyport.machine.model.CpuModel;

/** Puts a guest into a machine's memory: firmware, tables, kernel. */
public final class GuestBoot {
  private static final int HEAD = 64 << 10;
  private static final int SMALLEST_ROM = 64 << 10;
  private static final int LARGEST_ROM = 16 << 20;
  private static final int ROM_UNIT = 4096;

  private static final long ONE_MIB = 0x100000;

  private final Optional<BootSource> boot;
  private final Plugins plugins;
  private final PcMemory memory;

  public GuestBoot(Optional<BootSource> boot, Plugins plugins, PcMemory memory) {
    this.boot = boot;
    this.plugins = plugins;
    this.memory = memory;
  }

  /** What keeps the guest from being loaded, as far as it can be seen without loading it; one sentence each. */
  public List<String> problems() {
    if (boot.isEmpty()) {
      return List.of("there is nothing to boot; give the machine boot.kernel or boot.rom");
    }
    BootSource source = boot.get();
    List<String> problems = new ArrayList<>();
    source.kernel().ifPresent(file -> check("boot.kernel", file, problems));
    source.initrd().ifPresent(file -> check("boot.initrd", file, problems));
    source.modules().forEach(module -> check("boot.modules", module.file(), problems));
    source.rom().ifPresent(file -> checkRom(file, problems));
    if (source.kernel().isPresent() && source.rom().isPresent()) {
      problems.add("boot.kernel and boot.rom: firmware would have to load the kernel; give one of them");
    }
    if (source.kernel().isPresent()) {
      List<String> formats = formats();
      if (formats.isEmpty()) {
        problems.add("no guest loader is there to load " + source.kernel().get() + "; install a bundle that has one");
      } else if (source.format().isPresent() && !formats.contains(source.format().get())) {
        problems.add("no guest loader is for boot.format '" + source.format().get() + "'"
            + Suggestion.of(source.format().get(), formats));
      }
    }
    return problems;
  }

  /**
   * Puts the firmware's image into memory, if there is one, as it is at power-on.
   *
   * @throws MachineException when it cannot be read or its size makes no sense
   */
  public void mapRom() throws MachineException {
    if (boot.isEmpty() || boot.get().rom().isEmpty()) {
      return;
    }
    Path file = boot.get().rom().get();
    checkRom(file, size(file));
    byte[] image = read("boot.rom", file);
    checkRom(file, image.length);
    try {
      memory.firmware(image);
    } catch (IllegalArgumentException e) {
      throw new MachineException("boot.rom: " + file + " has another size than at the start of the machine", e);
    }
  }

  private static long size(Path file) throws MachineException {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw unreadable("boot.rom", file, e);
    }
  }

  private static void checkRom(Path file, long size) throws MachineException {
    if (size < SMALLEST_ROM || size > LARGEST_ROM || size % ROM_UNIT != 0) {
      throw new MachineException("boot.rom: " + file + " has " + size
          + " bytes; a firmware image has 64 KiB to 16 MiB in whole pages of 4096 bytes");
    }
  }

  /**
   * Loads the guest.
   *
   * @return the bootstrap processor's state at the guest's first instruction
   * @throws MachineException with a message that names the file and the remedy
   */
  public VcpuState load(int cpus, Board board) throws MachineException {
    mapRom();
    VcpuState powerOn = VcpuState.powerOn(CpuModel.SIGNATURE, Activity.ACTIVE);
    if (boot.isEmpty()) {
      return powerOn;
    }
    Platform platform = PlatformFacts.of(cpus, memory, board);
    if (boot.get().rom().isPresent()) {
      tellFirmware(platform, board);
    }
    if (boot.get().kernel().isEmpty()) {
      return powerOn;
    }
    try {
      if (plugins.tables().isPresent()) {
        plugins.tables().get().write(platform, memory);
      }
      return loader(boot.get()).load(boot.get(), platform, memory, powerOn);
    } catch (LoadException e) {
      throw new MachineException(e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new MachineException("boot.kernel: " + boot.get().kernel().get() + " cannot be loaded: " + e, e);
    }
  }

  /** Whether the machine starts from a firmware image, so that nothing is to be done in its place. */
  public boolean hasFirmware() {
    return boot.flatMap(BootSource::rom).isPresent();
  }

  /** Where the guest wants to go on after S3, if it says so. */
  public OptionalLong wakingVector() {
    return plugins.tables().map(tables -> tables.wakingVector(memory)).orElse(OptionalLong.empty());
  }

  /** Firmware makes its own tables of ours, and puts them where it likes. */
  private void tellFirmware(Platform platform, Board board) throws MachineException {
    Optional<FirmwareChannel> channel = board.first(FirmwareChannel.class);
    if (channel.isEmpty() || plugins.tables().isEmpty()) {
      return;
    }
    try (PcMemory scratch = new PcMemory(ONE_MIB)) {
      long rsdp = plugins.tables().get().write(platform, scratch);
      if (rsdp != 0) {
        byte[] area = scratch.bytes(Platform.FIRMWARE_AREA, (int) (ONE_MIB - Platform.FIRMWARE_AREA));
        channel.get().tables(Platform.FIRMWARE_AREA, area, rsdp);
      }
    } catch (LoadException | IllegalArgumentException e) {
      throw new MachineException("the firmware cannot be told the machine's tables: " + e.getMessage(), e);
    }
  }

  private GuestLoader loader(BootSource source) throws MachineException {
    Path kernel = source.kernel().orElseThrow();
    if (source.format().isPresent()) {
      String format = source.format().get();
      return plugins.loaders().stream().filter(loader -> loader.format().equals(format)).findFirst()
          .orElseThrow(() -> new MachineException("no guest loader is for boot.format '" + format + "'"
              + Suggestion.of(format, formats())));
    }
    byte[] head;
    try (InputStream in = Files.newInputStream(kernel)) {
      head = in.readNBytes(HEAD);
    } catch (IOException e) {
      throw unreadable("boot.kernel", kernel, e);
    }
    for (GuestLoader loader : plugins.loaders()) {
      if (loader.recognises(
          ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN))) {
        return loader;
      }
    }
    throw new MachineException("boot.kernel: " + kernel + " is no guest image that a loader knows; known formats: "
        + String.join(", ", formats()) + "; boot.format names one to be used all the same");
  }

  /**
   * What boot.format can say. A loader that comes after all others stands for no format: it tells what nobody knows.
   */
  private List<String> formats() {
    return plugins.loaders().stream().filter(loader -> loader.priority() > Integer.MIN_VALUE)
        .map(GuestLoader::format).distinct().toList();
  }

  private static void check(String key, Path file, List<String> problems) {
    if (!Files.exists(file)) {
      problems.add(key + ": " + file + " does not exist");
    } else if (Files.isDirectory(file)) {
      problems.add(key + ": " + file + " is a directory, not a file");
    } else if (!Files.isReadable(file)) {
      problems.add(key + ": " + file + " may not be read; check its permissions");
    }
  }

  private static void checkRom(Path file, List<String> problems) {
    int before = problems.size();
    check("boot.rom", file, problems);
    if (problems.size() == before) {
      try {
        checkRom(file, size(file));
      } catch (MachineException e) {
        problems.add(e.getMessage());
      }
    }
  }

  private static byte[] read(String key, Path file) throws MachineException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw unreadable(key, file, e);
    }
  }

  private static MachineException unreadable(String key, Path file, IOException e) {
    return new MachineException(key + ": " + file + " cannot be read: " + e, e);
  }
}
