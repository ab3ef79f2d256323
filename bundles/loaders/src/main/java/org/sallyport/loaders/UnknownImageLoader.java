package org.sallyport.loaders;

import java.nio.ByteBuffer;
import org.osgi.service.component.annotations.Component;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.loader.BootSource;
import org.sallyport.api.loader.GuestLoader;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.memory.GuestMemory;

/**
 * Asked last of all, recognises everything and loads nothing: it says what the file looks like and what would be taken.
 */
@Component(service = GuestLoader.class)
public final class UnknownImageLoader implements GuestLoader {
  @Override
  public String format() {
    return "unknown";
  }

  @Override
  public int priority() {
    return Integer.MIN_VALUE;
  }

  @Override
  public boolean recognises(ByteBuffer head) {
    return true;
  }

  @Override
  public VcpuState load(BootSource source, Platform platform, GuestMemory memory, VcpuState powerOn)
      throws LoadException {
    ImageFile file = ImageFile.kernel(source);
    throw file.problem("is no kernel but looks like " + ImageKind.describe(file.content())
        + "; give a Linux bzImage, a multiboot 1 or an ELF executable, or say format=flat for a raw binary");
  }
}
