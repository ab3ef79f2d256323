package org.sallyport.api.cpu;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sallyport.api.cpu.VcpuState.Activity;
import org.sallyport.api.cpu.VcpuState.PendingEvents;

/**
 * A {@link VcpuState} under construction: starts from another state, changes what is to differ. The fields are those of
 * the record. Not thread-safe.
 */
public final class VcpuStateBuilder {
  public final List<Long> gpr;
  public final List<SegmentState> segments;
  public final List<Long> debug;
  public final SortedMap<Integer, Long> msrs;
  public long rip;
  public long rflags;
  public SegmentState ldtr;
  public SegmentState tr;
  public TableState gdtr;
  public TableState idtr;
  public long cr0;
  public long cr2;
  public long cr3;
  public long cr4;
  public int cr8;
  public long xcr0;
  public long efer;
  public long ssp;
  public byte[] xsave;
  public long tsc;
  public Activity activity;
  public PendingEvents pending;

  /** Starts with copies of everything in {@code from}. */
  public VcpuStateBuilder(VcpuState from) {
    gpr = new ArrayList<>(from.gpr());
    segments = new ArrayList<>(from.segments());
    debug = new ArrayList<>(from.debug());
    msrs = new TreeMap<>(from.msrs());
    rip = from.rip();
    rflags = from.rflags();
    ldtr = from.ldtr();
    tr = from.tr();
    gdtr = from.gdtr();
    idtr = from.idtr();
    cr0 = from.cr0();
    cr2 = from.cr2();
    cr3 = from.cr3();
    cr4 = from.cr4();
    cr8 = from.cr8();
    xcr0 = from.xcr0();
    efer = from.efer();
    ssp = from.ssp();
    xsave = from.xsave();
    tsc = from.tsc();
    activity = from.activity();
    pending = from.pending();
  }

  /** Sets all six segment registers to the same data segment, then CS to {@code code}. */
  public VcpuStateBuilder flat(SegmentState code, SegmentState data) {
    Collections.fill(segments, data);
    segments.set(1, code);
    return this;
  }

  /**
   * The state as the fields are now; may be called again.
   *
   * @throws IllegalArgumentException as the record's constructor does
   */
  public VcpuState build() {
    return new VcpuState(gpr, rip, rflags, segments, ldtr, tr, gdtr, idtr, cr0, cr2, cr3, cr4, cr8, xcr0, efer, ssp,
        debug,
        xsave, msrs, tsc,
        activity, pending);
  }
}
