package org.sallyport.loaders;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.osgi.service.component.annotations.Component;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuStateBuilder;
import org.sallyport.api.loader.BootSource;
import org.sallyport.api.loader.GuestLoader;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.memory.GuestMemory;

/**
 * Loads Linux by its 32-bit boot protocol (Linux, Documentation/arch/x86/boot.rst, "32-bit Boot Protocol"): the
 * kernel's own code then makes page tables and enters long mode. The 64-bit entry point would need page tables from
 * here and be there only in 64-bit kernels; the 32-bit one is in every bzImage, so that 32-bit kernels load as well.
 *
 * <p>The real-mode part does not run; what it would ask the BIOS for stands in boot_params (zero-page.rst).
 */
@Component(service = GuestLoader.class)
public final class LinuxLoader implements GuestLoader {
  /** Where a kernel loads that is not relocatable. */
  private static final long LOAD_HIGH = 0x100000;

  /** boot_params and the command line go from here, where a boot loader would have the real-mode part. */
  private static final long LOW_DATA = 0x10000;

  private static final int PAGE = 4096;

  @Override
  public String format() {
    return "linux";
  }

  @Override
  public int priority() {
    return 30;
  }

  @Override
  public boolean recognises(ByteBuffer head) {
    return LinuxHeader.isLinux(head);
  }

  @Override
  public VcpuState load(BootSource source, Platform platform, GuestMemory memory, VcpuState powerOn)
      throws LoadException {
    ImageFile file = ImageFile.kernel(source);
    Extras.refuseModules(source, file, "a Linux kernel");
    ByteBuffer image = file.content();
    LinuxHeader header = LinuxHeader.parse(image, file);
    Placement placement = new Placement(platform);
    long kernel = placeKernel(header, file, placement, memory);
    long commandLine = writeCommandLine(source.append(), header, file, placement, memory);
    BootParams params = new BootParams(image, header);
    if (source.initrd().isPresent()) {
      ImageFile initrd = ImageFile.open(source.initrd().get(), "initrd");
      params.initrd(loadInitrd(initrd, header, kernel, placement, memory), initrd.size());
    }
    params.kernel(kernel);
    params.commandLine(commandLine);
    params.memoryMap(platform.memoryMap());
    params.acpi(RsdpSearch.find(memory));
    ImageParts.copy(image, header.setupSize(), (int) header.payloadSize(), memory, kernel);
    long paramsAt = placement.takeLowest(LOW_DATA, Placement.BASE_MEMORY_END, BootParams.SIZE, PAGE)
        .orElseThrow(() -> noLowMemory(file));
    memory.write(paramsAt, params.bytes());

    VcpuStateBuilder state = EntryState.protectedMode(powerOn, kernel, file, placement, memory);
    state.gpr.set(EntryState.RSI, paramsAt);
    return state.build();
  }

  private static long placeKernel(LinuxHeader header, ImageFile file, Placement placement, GuestMemory memory)
      throws LoadException {
    long kernel = header.relocatable() ? header.preferred() : LOAD_HIGH;
    // It unpacks itself to its preferred address or above, and init_size counts from there.
    long runsAt = Math.max(kernel, header.preferred());
    long end = Math.max(runsAt + header.initSize(), kernel + header.payloadSize());
    ImageParts.take(kernel, end - kernel, file, placement, memory);
    return kernel;
  }

  private static long writeCommandLine(String append, LinuxHeader header, ImageFile file, Placement placement,
      GuestMemory memory)
      throws LoadException {
    byte[] text = ImageFile.cString(append);
    if (text.length - 1 > header.commandLineMax()) {
      throw file.problem(
          "takes a command line of at most " + header.commandLineMax() + " bytes, this one has " + (text.length - 1)
              + ": shorten append=");
    }
    if (append.chars().anyMatch(c -> c < ' ')) {
      throw file.problem("the command line \""
          + new String(text, 0, text.length - 1, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?")
          + "\" has control characters: append= is one line of text");
    }
    long at =
        placement.takeLowest(LOW_DATA, Placement.BASE_MEMORY_END, text.length, 16).orElseThrow(() -> noLowMemory(file));
    memory.write(at, text);
    return at;
  }

  /** As high as the kernel allows and RAM reaches, so that it is out of the way of what the kernel does first. */
  private static long loadInitrd(ImageFile initrd, LinuxHeader header, long kernel, Placement placement,
      GuestMemory memory)
      throws LoadException {
    OptionalLong at = placement.takeHighest(header.initrdMax() + 1, initrd.size(), PAGE);
    if (at.isEmpty() || at.getAsLong() < kernel) {
      long needed = Math.max(kernel, header.preferred()) + header.initSize() + Placement.alignUp(initrd.size(), PAGE);
      if (needed > header.initrdMax()) {
        throw initrd.problem("is too large: with " + ImageFile.mebibytes(initrd.size()) + " MiB it does not fit below "
            + ImageFile.mebibytes(header.initrdMax()) + " MiB, where this kernel wants it; make it smaller");
      }
      throw initrd.problem("the initrd has " + ImageFile.mebibytes(initrd.size()) + " MiB and needs, with the kernel, "
          + ImageFile.mebibytes(needed) + " MiB; the machine has " + (memory.ramSize() >> 20) + " MiB: memory="
          + ImageFile.mebibytes(needed) + "M or more");
    }
    initrd.copyTo(memory, at.getAsLong());
    return at.getAsLong();
  }

  private static LoadException noLowMemory(ImageFile file) {
    return file.problem(
        "finds no room between 64 KiB and 640 KiB for its boot parameters: the memory map has no usable RAM there");
  }
}
