package org.sallyport.loaders;

import java.nio.ByteBuffer;
import org.osgi.service.component.annotations.Component;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuStateBuilder;
import org.sallyport.api.loader.BootSource;
import org.sallyport.api.loader.GuestLoader;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.memory.GuestMemory;

/**
 * Loads ELF executables by their segments' physical addresses. A 64-bit one is entered in 64-bit mode, where linear
 * addresses below 4 GiB are physical ones; a 32-bit one in protected mode without paging. Both get a stack of 4 KiB
 * and, in RDI or EDI, the address of their command line (NUL-terminated); interrupts are off.
 */
@Component(service = GuestLoader.class)
public final class ElfLoader implements GuestLoader {
  private static final int STACK = 4096;
  private static final long FOUR_GIB = 1L << 32;

  @Override
  public String format() {
    return "elf";
  }

  @Override
  public int priority() {
    return 10;
  }

  @Override
  public boolean recognises(ByteBuffer head) {
    return ElfImage.isElf(head);
  }

  @Override
  public VcpuState load(BootSource source, Platform platform, GuestMemory memory, VcpuState powerOn)
      throws LoadException {
    ImageFile file = ImageFile.kernel(source);
    Extras.refuse(source, file, "an ELF executable");
    ByteBuffer image = file.content();
    ElfImage elf = ElfImage.parse(image, file);
    if (elf.entry() < 0 || elf.entry() >= FOUR_GIB) {
      throw file.problem(String.format("has its entry point at %Xh, above 4 GiB; link it lower", elf.entry()));
    }
    Placement placement = new Placement(platform);
    elf.load(image, file, placement, memory);

    VcpuStateBuilder state = elf.bits() == 64
        ? EntryState.longMode(powerOn, elf.entry(), file, placement, memory)
        : EntryState.protectedMode(powerOn, elf.entry(), file, placement, memory);
    byte[] commandLine = ImageFile.cString(source.append());
    long commandLineAt = EntryState.low(placement, commandLine.length, 16, "the command line", file);
    memory.write(commandLineAt, commandLine);
    state.gpr.set(EntryState.RDI, commandLineAt);
    state.gpr.set(EntryState.RSP, EntryState.low(placement, STACK, 16, "a stack", file) + STACK);
    return state.build();
  }
}
