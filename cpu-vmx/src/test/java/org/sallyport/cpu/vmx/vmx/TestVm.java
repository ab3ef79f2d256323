package org.sallyport.cpu.vmx.vmx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sallyport.api.cpu.CpuCluster;
import org.sallyport.api.cpu.CpuClusterSpec;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.cpu.CpuidLeaf;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.SegmentState;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuStateBuilder;
import org.sallyport.api.cpu.VirtualCpu;
import org.sallyport.api.cpu.VmExit;
import org.sallyport.api.memory.MemorySlot;

/** A backend with a processor (or several; the others are not started) in 64-bit mode at CPL 0, 1 MiB of identity-mapped RAM, and a program at {@link #CODE}. */
final class TestVm implements AutoCloseable {
  static final long CODE = 0x10000;
  static final long STACK = 0x80000;

  /** Where nothing answers. */
  static final long NOWHERE = 0x40000000L;

  private static final long TABLES = 0x1000;
  static final long IDT = 0x8000;
  static final long GDT = 0x9000;

  final MemorySegment ram = Arena.ofAuto().allocate(1 << 20, 4096);
  final CpuCluster cluster;
  final VirtualCpu cpu;
  final VmExit exit = new VmExit();

  TestVm(String hex) throws CpuException {
    this(1, hex);
  }

  TestVm(int cpus, String hex) throws CpuException {
    cluster = new VmxBackend().open(new CpuClusterSpec(cpus, leaves(), 40, 1_000_000_000L, System::nanoTime));
    cluster.map(new MemorySlot("ram", 0, ram, false));
    cpu = cluster.cpu(0);
    put(TABLES, TABLES + 0x1000 | 3);
    put(TABLES + 0x1000, TABLES + 0x2000 | 3);
    put(TABLES + 0x2000, 0x83);
    put(TABLES + 0x1000 + 8, NOWHERE | 0x83); // a 1 GiB page
    put(GDT + 8, 0x00af9b000000ffffL);
    put(GDT + 16, 0x00cf93000000ffffL);
    program(hex);
    cpu.restore(state().build());
  }

  /** The state that a program starts in. */
  VcpuStateBuilder state() {
    VcpuStateBuilder b = new VcpuStateBuilder(VcpuState.powerOn(0x600, VcpuState.Activity.ACTIVE));
    b.flat(new SegmentState(8, 0, -1, 0xa09b), new SegmentState(16, 0, -1, 0xc093));
    b.tr = new SegmentState(0, 0, 0xffff, 0x8b);
    b.gdtr = new org.sallyport.api.cpu.TableState(GDT, 0x17);
    b.idtr = new org.sallyport.api.cpu.TableState(IDT, 0xfff);
    b.cr0 = 0x80000031L;
    b.cr4 = 0x20;
    b.cr3 = TABLES;
    b.efer = 0x500;
    b.rip = CODE;
    b.gpr.set(4, STACK);
    return b;
  }

  /** Puts code at {@link #CODE}; bytes in hexadecimal, spaces ignored. */
  void program(String hex) {
    code(CODE, hex);
  }

  void code(long at, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    MemorySegment.copy(bytes, 0, ram, ValueLayout.JAVA_BYTE, at, bytes.length);
    cluster.memoryWritten(at, bytes.length);
  }

  /** An interrupt gate for a vector. */
  void handler(int vector, long target) {
    put(IDT + 16L * vector, target & 0xffff | 8L << 16 | 0x8e00L << 32 | (target >>> 16 & 0xffff) << 48);
  }

  /** A state in 32-bit protected mode without paging, at a privilege level; {@link #GDT} has the segments. */
  VcpuStateBuilder protectedMode(int cpl) {
    for (int level = 0; level < 4; level += 3) {
      int selector = level == 0 ? 8 : 24;
      put(GDT + selector, 0x00cf9b000000ffffL | (long) level << 45);
      put(GDT + selector + 8, 0x00cf93000000ffffL | (long) level << 45);
    }
    int code = cpl == 0 ? 8 : 24 | cpl;
    VcpuStateBuilder b = state();
    b.flat(new SegmentState(code, 0, -1, 0xc09b | cpl << 5), new SegmentState(code + 8, 0, -1, 0xc093 | cpl << 5));
    b.cr0 = 0x31;
    b.cr4 = 0;
    b.efer = 0;
    b.gdtr = new org.sallyport.api.cpu.TableState(GDT, 0xff);
    return b;
  }

  /** An interrupt gate of protected mode, to a privilege level. */
  void handler32(int vector, long target, int cpl) {
    int code = cpl == 0 ? 8 : 24 | cpl;
    put(IDT + 8L * vector, target & 0xffff | (long) code << 16 | 0x8e00L << 32 | (target >>> 16 & 0xffff) << 48);
  }

  void put(long at, long value) {
    ram.set(ValueLayout.JAVA_LONG_UNALIGNED, at, value);
  }

  ExitReason run() {
    cpu.run(exit);
    return exit.reason;
  }

  long gpr(int number) {
    return cpu.save().gpr().get(number);
  }

  /** A VMCS field by its label. */
  long vmcs(String label) {
    return cpu.vmcs().orElseThrow().fields().stream().filter(f -> f.name().equalsIgnoreCase(label)).findFirst()
        .orElseThrow().value();
  }

  private static List<CpuidLeaf> leaves() {
    Map<List<Integer>, int[]> registers = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    registers.put(List.of(0, 0), new int[]{0xd, 0, 0, 0});
    registers.put(List.of(0x80000000, 0), new int[]{0x80000008, 0, 0, 0});
    registers.put(List.of(0xd, 0), new int[]{3, 576, 576, 0});
    for (CpuFeature f : VmxBackend.FEATURES) {
      registers.computeIfAbsent(List.of(f.leaf(), f.subleaf()), key -> new int[4])[f.register().ordinal()] |=
          1 << f.bit();
    }
    List<CpuidLeaf> leaves = new ArrayList<>();
    registers.forEach((key, r) -> leaves.add(new CpuidLeaf(key.get(0), key.get(1), r[0], r[1], r[2], r[3])));
    return leaves;
  }

  @Override
  public void close() {
    cluster.close();
  }
}
