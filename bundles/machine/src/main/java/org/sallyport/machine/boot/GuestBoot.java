package org.sallyport.machine.boot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuState.Activity;
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
  private static final int LARGEST_ROM = 16 << 20;
  /** As much of a ROM as appears below 1 MiB, too. */
  private static final int SHADOW = 128 << 10;

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
    source.rom().ifPresent(file -> check("boot.rom", file, problems));
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
   * Maps the ROM, if there is one. Before the processors see the memory.
   *
   * @throws MachineException when it cannot be read or its size makes no sense
   */
  public void mapRom() throws MachineException {
    if (boot.isEmpty() || boot.get().rom().isEmpty()) {
      return;
    }
    Path file = boot.get().rom().get();
    byte[] image = read("boot.rom", file);
    if (image.length == 0 || image.length > LARGEST_ROM || image.length % 4096 != 0) {
      throw new MachineException("boot.rom: " + file + " has " + image.length
          + " bytes; a firmware image has at most 16 MiB in whole pages of 4096 bytes");
    }
    memory.rom("bios", PcMemory.FOUR_GIB - image.length, image);
    int shadow = Math.min(image.length, SHADOW);
    memory.write(ONE_MIB - shadow, Arrays.copyOfRange(image, image.length - shadow, image.length));
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
    if (boot.isEmpty() || boot.get().kernel().isEmpty()) {
      return powerOn;
    }
    Platform platform = PlatformFacts.of(cpus, memory, board);
    try {
      if (plugins.tables().isPresent() && boot.get().rom().isEmpty()) {
        plugins.tables().get().write(platform, memory);
      }
      return loader(boot.get()).load(boot.get(), platform, memory, powerOn);
    } catch (LoadException e) {
      throw new MachineException(e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new MachineException("boot.kernel: " + boot.get().kernel().get() + " cannot be loaded: " + e, e);
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

  private List<String> formats() {
    return plugins.loaders().stream().map(GuestLoader::format).distinct().toList();
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
