package org.sallyport.machine.bench;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.sallyport.api.cpu.Availability;
import org.sallyport.api.cpu.CpuBackend;
import org.sallyport.api.cpu.CpuCluster;
import org.sallyport.api.cpu.CpuClusterSpec;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.cpu.VirtualCpu;
import org.sallyport.api.memory.MemorySlot;

/** A backend of {@link FakeCpu}s. Programs are set before the machine starts. */
public final class FakeBackend implements CpuBackend {
  public final List<FakeCpu.Program> programs = new ArrayList<>();
  public final List<MemorySlot> mapped = new CopyOnWriteArrayList<>();
  public final List<String> written = new CopyOnWriteArrayList<>();
  public volatile Availability availability = Availability.yes("fake");
  public volatile CpuException refuses;
  public volatile CpuClusterSpec spec;
  public volatile int closed;
  public volatile FakeCpu[] cpus = {};
  private final String name;

  public FakeBackend(FakeCpu.Program... programs) {
    this("fake", programs);
  }

  public FakeBackend(String name, FakeCpu.Program... programs) {
    this.name = name;
    this.programs.addAll(List.of(programs));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Availability probe() {
    return availability;
  }

  @Override
  public Set<CpuFeature> features() {
    return EnumSet.allOf(CpuFeature.class);
  }

  @Override
  public CpuCluster open(CpuClusterSpec newSpec) throws CpuException {
    if (refuses != null) {
      throw refuses;
    }
    spec = newSpec;
    FakeCpu[] made = new FakeCpu[newSpec.cpus()];
    for (int i = 0; i < made.length; i++) {
      made[i] = new FakeCpu(i);
      if (i < programs.size()) {
        made[i].program = programs.get(i);
      }
    }
    cpus = made;
    return new CpuCluster() {
      @Override
      public VirtualCpu cpu(int index) {
        return made[index];
      }

      @Override
      public void map(MemorySlot slot) {
        mapped.add(slot);
      }

      @Override
      public void unmap(MemorySlot slot) {
        mapped.remove(slot);
      }

      @Override
      public void memoryWritten(long guestAddress, long length) {
        written.add(Long.toHexString(guestAddress) + "+" + length);
      }

      @Override
      public void close() {
        closed++;
      }
    };
  }
}
