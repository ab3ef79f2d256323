package org.sallyport.machine.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.sallyport.api.memory.MemorySlot;

/**
 * Host memory for guests: zeroed, aligned to pages.
 *
 * <p>Where native access is granted it comes from {@code mmap}, so that the host gives a page only when the guest
 * touches it. An arena clears what it allocates, which touches everything at once: some 0.5 ms per MiB, and resident
 * from then on. As linking native functions takes some 100 ms the first time, small guests get an arena's memory all
 * the same.
 */
final class HostMemory {
  private static final long SMALL = 64 << 20;
  private static final int PROT_READ_WRITE = 3;
  /** MAP_PRIVATE, MAP_ANONYMOUS and MAP_NORESERVE of Linux. */
  private static final int MAP_FLAGS = 0x2 | 0x20 | 0x4000;
  private static final int MADV_HUGEPAGE = 14;

  private HostMemory() {}

  /**
   * @param arena frees the memory when it is closed
   */
  static MemorySegment allocate(long bytes, Arena arena) {
    if (bytes > SMALL && HostMemory.class.getModule().isNativeAccessEnabled()
        && System.getProperty("os.name").equals("Linux")) {
      MemorySegment mapped = map(bytes, arena);
      if (mapped != null) {
        return mapped;
      }
    }
    return arena.allocate(bytes, MemorySlot.PAGE);
  }

  private static MemorySegment map(long bytes, Arena arena) {
    try {
      MemorySegment start =
          (MemorySegment) Libc.MMAP.invokeExact(MemorySegment.NULL, bytes, PROT_READ_WRITE, MAP_FLAGS, -1, 0L);
      if (start.address() == -1) {
        return null;
      }
      int advised = (int) Libc.MADVISE.invokeExact(start, bytes, MADV_HUGEPAGE);
      assert advised <= 0; // advice: nothing depends on it
      return start.reinterpret(bytes, arena, HostMemory::unmap);
    } catch (Throwable e) {
      throw new IllegalStateException("mmap cannot be called", e);
    }
  }

  private static void unmap(MemorySegment memory) {
    try {
      int result = (int) Libc.MUNMAP.invokeExact(memory, memory.byteSize());
      assert result == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("munmap cannot be called", e);
    }
  }

  /** Linked when first used, so that nothing native is touched where access is not granted. */
  private static final class Libc {
    static final MethodHandle MMAP = handle("mmap", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS,
        ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
        ValueLayout.JAVA_LONG));
    static final MethodHandle MADVISE = handle("madvise",
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    static final MethodHandle MUNMAP =
        handle("munmap", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }
  }
}
