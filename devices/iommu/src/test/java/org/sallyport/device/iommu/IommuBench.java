package org.sallyport.device.iommu;

import static org.sallyport.device.iommu.VtdRegisters.*;

import org.sallyport.api.device.Device;
import org.sallyport.device.bench.Bench;

/** The unit on a bench, with software's side of it: registers, tables in memory. */
final class IommuBench {
  static final long BASE = 0xfed90000L;
  static final int CARD = 0x0018;

  static final long ROOT = 0x1000;
  static final long CONTEXTS = 0x2000;
  static final long QUEUE = 0x8000;
  static final long ENTRIES = 0xa000;

  final Bench bench = new Bench();
  final IntelIommu unit;

  IommuBench() {
    this(IommuConfiguration.USUAL);
  }

  IommuBench(IommuConfiguration configuration) {
    Device made = bench.make(new IommuComponent(), configuration);
    made.reset(org.sallyport.api.device.ResetKind.POWER_ON);
    unit = (IntelIommu) made;
  }

  int read(int register) {
    return (int) bench.bus().read(BASE + register, 4);
  }

  long readLong(int register) {
    return bench.bus().read(BASE + register, 8);
  }

  void write(int register, int value) {
    bench.bus().write(BASE + register, 4, value & 0xffff_ffffL);
  }

  void writeLong(int register, long value) {
    bench.bus().write(BASE + register, 8, value);
  }

  void poke(long address, long... values) {
    for (int i = 0; i < values.length; i++) {
      bench.memory().write(address + 8 * i, 8, values[i]);
    }
  }

  /** Gives a command that stays. */
  void command(int bit) {
    write(GCMD, read(GSTS) & ~(SRTP | SIRTP) | bit);
  }

  /** Root and context entry of the card; translation on. */
  void translating(long contextLow, long contextHigh) {
    poke(ROOT, CONTEXTS | 1, 0);
    poke(CONTEXTS + 16 * CARD, contextLow, contextHigh);
    writeLong(RTADDR, ROOT);
    command(SRTP);
    command(TE);
  }

  /** 256 entries; remapping on. */
  void remapping(long flags) {
    writeLong(IRTA, ENTRIES | 7 | flags);
    command(SIRTP);
    command(IRE);
  }

  /** The queue of one page; on. */
  void queueing() {
    writeLong(IQA, QUEUE);
    command(QIE);
  }

  /** Where requests of the card go. */
  long translate(long address, boolean write) {
    return unit.translate(CARD, address, write);
  }

  /** The reason in a fault recording register, or 0 when it is free. */
  int reason(int record) {
    long high = readLong(FRCD + 16 * record + 8);
    return high < 0 ? (int) (high >>> 32) & 0xff : 0;
  }

  /** Frees all fault recording registers and clears the status. */
  void forgetFaults() {
    for (int i = 0; i < FAULTS; i++) {
      write(FRCD + 16 * i + 12, 1 << 31);
    }
    write(FSTS, -1);
  }
}
