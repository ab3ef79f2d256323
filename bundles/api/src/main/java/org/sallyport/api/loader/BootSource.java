package org.sallyport.api.loader;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a guest is started from.
 *
 * @param kernel the guest's image: a Linux bzImage, an ELF file, a multiboot image, a flat binary
 * @param initrd initial RAM disk, for formats that have one
 * @param append command line
 * @param modules multiboot modules
 * @param rom a firmware image, mapped below 4 GiB and below 1 MiB; excludes {@code kernel} unless the firmware loads
 *     that
 * @param format name of a {@link GuestLoader} that is to be used, or empty to let the image decide
 */
public record BootSource(Optional<Path> kernel, Optional<Path> initrd, String append, List<Module> modules,
    Optional<Path> rom,
    Optional<String> format) {
  /**
   * A multiboot module.
   *
   * @param commandLine the string that goes with it
   */
  public record Module(Path file, String commandLine) {}

  public BootSource {
    modules = List.copyOf(modules);
  }

  /** A kernel whose image decides how it is loaded. */
  public static BootSource ofKernel(Path kernel, Optional<Path> initrd, String append) {
    return new BootSource(Optional.of(kernel), initrd, append, List.of(), Optional.empty(), Optional.empty());
  }
}
