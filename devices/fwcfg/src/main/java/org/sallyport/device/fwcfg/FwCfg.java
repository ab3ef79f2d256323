package org.sallyport.device.fwcfg;

import static org.sallyport.device.fwcfg.FwCfgRegisters.*;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.FirmwareChannel;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.memory.GuestMemory;

/**
 * Items by number, read a byte at a time or by DMA. Behind an item's last byte, and where there is no item, everything
 * reads as 0. Nothing can be written.
 */
public final class FwCfg implements Device, PortIo, FirmwareChannel, Persistent<FwCfgState> {
  private static final int CHUNK = 1 << 16;

  private final FwCfgConfiguration configuration;
  private final GuestMemory memory;
  private final List<PortRange> ranges;

  private FwCfgItems items;
  private long tablesBase;
  private byte[] tables = {};
  private long rsdp;

  private int key;
  private byte[] item;
  /** The next byte of the item; stays at the most that an int holds once it is there. */
  private int offset;
  private int dmaHigh;

  public FwCfg(FwCfgConfiguration configuration, GuestMemory memory) {
    this.configuration = configuration;
    this.memory = memory;
    int port = configuration.port();
    ranges = List.of(new PortRange(port, 2), new PortRange(port + DMA_ADDRESS, 8));
    items = new FwCfgItems(configuration, Map.of());
    select(0);
  }

  /** They become the files that firmware makes its tables of. */
  @Override
  public void tables(long base, byte[] bytes, long newRsdp) {
    Map<String, byte[]> files = AcpiFiles.of(base, bytes, newRsdp);
    items = new FwCfgItems(configuration, files);
    tablesBase = base;
    tables = Arrays.copyOf(bytes, AcpiFiles.length(base, newRsdp, files));
    rsdp = newRsdp;
    item = items.item(key);
  }

  // ---- ports -------------------------------------------------------------------------------------------------------

  @Override
  public Optional<PortIo> portIo() {
    return Optional.of(this);
  }

  @Override
  public List<PortRange> portRanges() {
    return ranges;
  }

  @Override
  public int readPort(int port, int size) {
    int register = port - configuration.port();
    if (register >= DMA_ADDRESS) {
      return signature(register - DMA_ADDRESS, size);
    }
    return register == DATA && size == 1 ? next() : 0;
  }

  @Override
  public void writePort(int port, int size, int value) {
    int register = port - configuration.port();
    if (register == SELECTOR && size == 2) {
      select(value);
    } else if (register == DMA_ADDRESS && size == 4) {
      dmaHigh = Integer.reverseBytes(value);
    } else if (register == DMA_TRIGGER && size == 4) {
      long address = (long) dmaHigh << 32 | Integer.toUnsignedLong(Integer.reverseBytes(value));
      dmaHigh = 0;
      transfer(address);
    }
  }

  /** The register is big-endian: its first byte is at the lowest port. */
  private static int signature(int first, int size) {
    int value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | (int) (DMA_SIGNATURE >>> 8 * (7 - first - i)) & 0xff;
    }
    return value;
  }

  private void select(int newKey) {
    key = newKey;
    item = items.item(newKey);
    offset = 0;
  }

  private int next() {
    int value = offset < item.length ? item[offset] & 0xff : 0;
    skip(1);
    return value;
  }

  private void skip(long count) {
    offset = (int) Math.min(offset + count, Integer.MAX_VALUE);
  }

  // ---- DMA ---------------------------------------------------------------------------------------------------------

  private void transfer(long address) {
    if (!isMapped(address, DMA_STRUCTURE)) {
      return; // there is no place to say so
    }
    ByteBuffer request = ByteBuffer.wrap(memory.bytes(address, DMA_STRUCTURE));
    int control = request.getInt(DMA_CONTROL);
    long length = Integer.toUnsignedLong(request.getInt(DMA_LENGTH));
    long buffer = request.getLong(DMA_BUFFER);
    if ((control & DMA_SELECT) != 0) {
      select(control >>> 16);
    }
    boolean done = true;
    if ((control & DMA_READ) != 0) {
      done = read(buffer, length);
    } else if ((control & DMA_WRITE) != 0) {
      done = length == 0;
    } else if ((control & DMA_SKIP) != 0) {
      skip(length);
    }
    memory.write(address + DMA_CONTROL, 4, Integer.reverseBytes(done ? 0 : DMA_ERROR));
  }

  private boolean read(long buffer, long length) {
    if (!isMapped(buffer, length)) {
      return false;
    }
    int there = (int) Math.min(length, Math.max(item.length - offset, 0));
    memory.write(buffer, item, Math.min(offset, item.length), there);
    byte[] zeros = new byte[(int) Math.min(length - there, CHUNK)];
    for (long at = there; at < length; at += zeros.length) {
      memory.write(buffer + at, zeros, 0, (int) Math.min(length - at, zeros.length));
    }
    skip(length);
    return true;
  }

  private boolean isMapped(long address, long length) {
    return address >= 0 && address + length >= 0 && memory.isMapped(address, length);
  }

  // ---- state -------------------------------------------------------------------------------------------------------

  @Override
  public void reset(ResetKind kind) {
    select(0);
    dmaHigh = 0;
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(this);
  }

  @Override
  public Class<FwCfgState> type() {
    return FwCfgState.class;
  }

  @Override
  public FwCfgState save() {
    return new FwCfgState(key, offset, dmaHigh, tablesBase, tables.clone(), rsdp);
  }

  @Override
  public void restore(FwCfgState state) throws InvalidState {
    state.check();
    Map<String, byte[]> files;
    try {
      files = state.tables().length == 0 ? Map.of() : AcpiFiles.of(state.tablesBase(), state.tables(), state.rsdp());
    } catch (IllegalArgumentException e) {
      throw new InvalidState("tables: " + e.getMessage());
    }
    items = new FwCfgItems(configuration, files);
    tablesBase = state.tablesBase();
    tables = state.tables().clone();
    rsdp = state.rsdp();
    select(state.key());
    offset = state.offset();
    dmaHigh = state.dmaHigh();
  }
}
