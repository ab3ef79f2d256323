package org.sallyport.loaders;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
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
 * Loads multiboot 1 images, as ELF or by the header's address fields, with modules, memory map and command line
 * (Multiboot Specification 0.6.96). An initrd becomes the first module. The image is entered in 32-bit protected mode
 * (section 3.2).
 */
@Component(service = GuestLoader.class)
public final class MultibootLoader implements GuestLoader {
  private static final long BOOTLOADER_MAGIC = 0x2badb002L;
  private static final long FOUR_GIB = 1L << 32;
  private static final int PAGE = 4096;

  @Override
  public String format() {
    return "multiboot";
  }

  @Override
  public int priority() {
    return 20;
  }

  @Override
  public boolean recognises(ByteBuffer head) {
    return MultibootHeader.find(head.duplicate().order(ByteOrder.LITTLE_ENDIAN)).isPresent();
  }

  @Override
  public VcpuState load(BootSource source, Platform platform, GuestMemory memory, VcpuState powerOn)
      throws LoadException {
    ImageFile file = ImageFile.kernel(source);
    ByteBuffer image = file.content();
    MultibootHeader header = MultibootHeader.find(image).orElseThrow(() -> file.problem(
        "has no multiboot 1 header in its first 8 KiB but looks like " + ImageKind.describe(image)
            + "; leave format= out"));
    checkDemands(header, file);
    Placement placement = new Placement(platform);
    long end;
    long entry;
    if (header.address().isPresent()) {
      MultibootHeader.AddressFields fields = header.address().get();
      end = loadByAddresses(fields, header.offset(), image, file, placement, memory);
      entry = fields.entry();
    } else {
      ElfImage elf = elf(image, file);
      elf.load(image, file, placement, memory);
      end = elf.end();
      entry = elf.entry();
    }
    List<MultibootInfo.LoadedModule> modules = loadModules(source, end, placement, memory);
    String commandLine = source.append().isEmpty() ? file.name() : file.name() + " " + source.append();
    long info = new MultibootInfo(platform, commandLine, modules).write(file, placement, memory);

    VcpuStateBuilder state = EntryState.protectedMode(powerOn, entry, file, placement, memory);
    state.gpr.set(EntryState.RAX, BOOTLOADER_MAGIC);
    state.gpr.set(EntryState.RBX, info);
    return state.build();
  }

  private static void checkDemands(MultibootHeader header, ImageFile file) throws LoadException {
    if ((header.flags() & MultibootHeader.FLAG_VIDEO_MODE) != 0) {
      throw file.problem("asks for a video mode (multiboot flag 2), which this machine cannot set; build it without");
    }
    int known = MultibootHeader.FLAG_PAGE_ALIGN | MultibootHeader.FLAG_MEMORY_INFO;
    int unknown = header.flags() & MultibootHeader.FLAGS_REQUIRED & ~known;
    if (unknown != 0) {
      throw file.problem(
          String.format("demands multiboot features that are not defined (flags %Xh); build it without", unknown));
    }
    if ((header.flags() & MultibootHeader.FLAG_ADDRESSES) != 0 && header.address().isEmpty()) {
      throw file.problem("is cut short: it ends in the multiboot header; copy it again");
    }
  }

  private static ElfImage elf(ByteBuffer image, ImageFile file) throws LoadException {
    if (!ElfImage.isElf(image)) {
      throw file.problem("has a multiboot header but is no ELF file and gives no addresses (flag 16); link it as ELF");
    }
    return ElfImage.parse(image, file);
  }

  /**
   * Loads a plain image (section 3.1.3): the header's place in the file and in memory tell where the file's bytes
   * belong.
   */
  private static long loadByAddresses(MultibootHeader.AddressFields fields, int headerOffset, ByteBuffer image,
      ImageFile file,
      Placement placement, GuestMemory memory) throws LoadException {
    long offset = headerOffset - (fields.header() - fields.load());
    long length = fields.loadEnd() == 0 ? image.limit() - offset : fields.loadEnd() - fields.load();
    if (offset < 0 || fields.header() < fields.load() || length <= 0) {
      throw file.problem("has multiboot addresses that contradict each other; link it again");
    }
    if (offset + length > image.limit()) {
      throw file.problem(
          "is cut short: the multiboot header promises " + (offset + length) + " bytes, the file has " + image.limit()
              + "; copy it again");
    }
    long loadEnd = fields.load() + length;
    long end = Math.max(loadEnd, fields.bssEnd());
    ImageParts.take(fields.load(), end - fields.load(), file, placement, memory);
    ImageParts.copy(image, (int) offset, (int) length, memory, fields.load());
    ImageParts.clear(memory, loadEnd, end);
    return end;
  }

  private static List<MultibootInfo.LoadedModule> loadModules(BootSource source, long kernelEnd, Placement placement,
      GuestMemory memory)
      throws LoadException {
    List<BootSource.Module> wanted = new ArrayList<>();
    source.initrd().ifPresent(path -> wanted.add(new BootSource.Module(path, String.valueOf(path.getFileName()))));
    wanted.addAll(source.modules());
    List<MultibootInfo.LoadedModule> loaded = new ArrayList<>();
    for (BootSource.Module module : wanted) {
      ImageFile file = ImageFile.open(module.file(), "module");
      OptionalLong at = placement.takeLowest(kernelEnd, FOUR_GIB, file.size(), PAGE);
      if (at.isEmpty()) {
        throw file.tooLittleMemory(memory.ramSize() + file.size(), memory);
      }
      file.copyTo(memory, at.getAsLong());
      loaded.add(new MultibootInfo.LoadedModule(at.getAsLong(), at.getAsLong() + file.size(), module.commandLine()));
    }
    return loaded;
  }
}
