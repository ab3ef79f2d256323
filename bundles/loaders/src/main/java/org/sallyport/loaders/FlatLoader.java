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
 * Loads a flat binary as a BIOS loads a boot sector: all of it at 0000:7C00, entered in real mode with the drive number
 * 80h in DL, the stack below the code, and A20 on. There is no BIOS behind it. Anything can be a flat binary, so that
 * this format is taken only when it is asked for by its name, {@code flat}.
 */
@Component(service = GuestLoader.class)
public final class FlatLoader implements GuestLoader {
  static final int LOAD_ADDRESS = 0x7c00;
  private static final long FIRST_HARD_DISK = 0x80;

  @Override
  public String format() {
    return "flat";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public boolean recognises(ByteBuffer head) {
    return false;
  }

  @Override
  public VcpuState load(BootSource source, Platform platform, GuestMemory memory, VcpuState powerOn)
      throws LoadException {
    ImageFile file = ImageFile.kernel(source);
    Extras.refuse(source, file, "a flat binary");
    if (file.size() == 0) {
      throw file.problem("is empty; give a binary with kernel=FILE");
    }
    Placement placement = new Placement(platform);
    if (!placement.take(LOAD_ADDRESS, file.size())) {
      throw file.problem("has " + file.size() + " bytes; a flat binary is loaded at 7C00h, where there is room for "
          + Math.max(0, placement.endOfUsable(LOAD_ADDRESS) - LOAD_ADDRESS)
          + " bytes: make it a multiboot or ELF image");
    }
    file.copyTo(memory, LOAD_ADDRESS);
    VcpuStateBuilder state = EntryState.real(powerOn, LOAD_ADDRESS);
    state.gpr.set(EntryState.RDX, FIRST_HARD_DISK);
    return state.build();
  }
}
