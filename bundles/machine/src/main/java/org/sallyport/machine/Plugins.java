package org.sallyport.machine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.sallyport.api.cpu.CpuBackend;
import org.sallyport.api.cpu.Disassembler;
import org.sallyport.api.device.DeviceFactory;
import org.sallyport.api.irq.IoApicFactory;
import org.sallyport.api.irq.LocalApicFactory;
import org.sallyport.api.irq.PicFactory;
import org.sallyport.api.loader.GuestLoader;
import org.sallyport.api.loader.PlatformTables;

/**
 * What machines are made of, as it comes and goes. From any thread.
 *
 * <p>Of two plug-ins for the same thing the one with the higher rank counts, and of equals the older one.
 */
public final class Plugins {
  /** Hears of what comes and goes; called after it has come, and after it cannot be found any more. */
  public interface Listener {
    void came(Object plugin);

    void gone(Object plugin);
  }

  private record Entry(Object plugin, int rank, long order) {}

  private static final Comparator<Entry> BEST_FIRST =
      Comparator.comparingInt(Entry::rank).reversed().thenComparingLong(Entry::order);

  private volatile List<Entry> entries = List.of();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private long order;

  /**
   * Adds plug-ins of rank 0: factories of devices and interrupt controllers, backends, loaders, tables, disassemblers.
   */
  public Plugins add(Object... plugins) {
    for (Object plugin : plugins) {
      add(plugin, 0);
    }
    return this;
  }

  /** Adds a plug-in and tells the listeners. */
  public void add(Object plugin, int rank) {
    synchronized (this) {
      List<Entry> sorted = new ArrayList<>(entries);
      sorted.add(new Entry(plugin, rank, order++));
      sorted.sort(BEST_FIRST);
      entries = List.copyOf(sorted);
    }
    listeners.forEach(listener -> listener.came(plugin));
  }

  /** Removes a plug-in and tells the listeners; returns when no machine uses its chips any more. */
  public void remove(Object plugin) {
    boolean removed;
    synchronized (this) {
      List<Entry> rest = entries.stream().filter(entry -> entry.plugin != plugin).toList();
      removed = rest.size() < entries.size();
      entries = rest;
    }
    if (removed) {
      listeners.forEach(listener -> listener.gone(plugin));
    }
  }

  void listen(Listener listener) {
    listeners.add(listener);
  }

  void unlisten(Listener listener) {
    listeners.remove(listener);
  }

  public Optional<DeviceFactory<?>> device(String type) {
    for (DeviceFactory<?> factory : devices()) {
      if (factory.type().equals(type)) {
        return Optional.of(factory);
      }
    }
    return Optional.empty();
  }

  /** The types of devices that can be made. */
  public Collection<String> deviceTypes() {
    Collection<String> types = new TreeSet<>();
    devices().forEach(factory -> types.add(factory.type()));
    return types;
  }

  public List<CpuBackend> backends() {
    return all(CpuBackend.class);
  }

  public Optional<PicFactory> pic() {
    return first(PicFactory.class);
  }

  public Optional<IoApicFactory> ioApic() {
    return first(IoApicFactory.class);
  }

  public Optional<LocalApicFactory> localApic() {
    return first(LocalApicFactory.class);
  }

  /** The loaders, those that are asked first in front. */
  public List<GuestLoader> loaders() {
    List<GuestLoader> loaders = all(GuestLoader.class);
    loaders.sort(Comparator.comparingInt(GuestLoader::priority).reversed());
    return loaders;
  }

  public Optional<PlatformTables> tables() {
    return first(PlatformTables.class);
  }

  public Optional<Disassembler> disassembler() {
    return first(Disassembler.class);
  }

  private List<DeviceFactory<?>> devices() {
    List<DeviceFactory<?>> result = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.plugin instanceof DeviceFactory<?> factory) {
        result.add(factory);
      }
    }
    return result;
  }

  private <T> Optional<T> first(Class<T> type) {
    return all(type).stream().findFirst();
  }

  private <T> List<T> all(Class<T> type) {
    List<T> result = new ArrayList<>();
    for (Entry entry : entries) {
      if (type.isInstance(entry.plugin)) {
        result.add(type.cast(entry.plugin));
      }
    }
    return result;
  }
}
