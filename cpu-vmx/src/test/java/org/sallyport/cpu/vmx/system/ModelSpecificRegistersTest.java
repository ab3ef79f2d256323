package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** SDM volume 4; volume 2, RDMSR and WRMSR. */
class ModelSpecificRegistersTest {
  private final Bench b = Bench.longMode();
  private final ModelSpecificRegisters msrs = b.cpu.msrs;

  private void refuses(int index, long value) {
    long before = index == Msr.PRED_CMD ? 0 : msrs.read(index);
    GuestFault fault = assertThrows(GuestFault.class, () -> msrs.write(index, value));
    assertEquals(Vector.GP, fault.vector);
    assertEquals(0, fault.errorCode);
    assertEquals(before, index == Msr.PRED_CMD ? 0 : msrs.read(index));
  }

  @ParameterizedTest
  @CsvSource({
      "174,00000000ffffffff", "175,ffff800000000000", "176,00007fffffffffff", "200,0000000000000006",
      "201,0000000080000800",
      "250,0606060606060606", "26f,0105040106000106", "277,0007010600070106", "2ff,0000000000000c06",
      "400,ffffffffffffffff",
      "c0000081,ffffffffffffffff", "c0000082,ffffffff81000000", "c0000083,0000000000001000",
      "c0000084,00000000ffffffff",
      "c0000100,ffff888000000000", "c0000101,00000000deadbeef", "c0000102,0000000000000001",
      "c0000103,00000000ffffffff",
      "48,0000000000000003", "da0,0000000000000000", "1d9,0000000000000000", "17a,0000000000000000"})
  void keepsValues(String index, String value) {
    int i = Integer.parseUnsignedInt(index, 16);
    long v = Long.parseUnsignedLong(value, 16);
    msrs.write(i, v);
    assertEquals(v, msrs.read(i));
  }

  @ParameterizedTest
  @CsvSource({
      "175,0100000000000000", "200,0000000000000002", "200,0000000000000106", "201,0000000000000001",
      "201,0800000000000800",
      "250,0606060606060206", "277,0000000000000002", "277,0800000000000000", "2ff,0000000000000c02",
      "2ff,0000000000001006",
      "fe,0000000000000508", "401,0000000000000001", "17a,0000000000000001", "179,0000000000000004",
      "c0000080,0000000000001000", "c0000082,0100000000000000", "c0000084,0000000100000000",
      "c0000100,8000000000000000",
      "c0000103,0000000100000000", "48,0000000000000008", "49,0000000000000002", "10a,0000000000000001",
      "da0,0000000000000001", "1d9,0000000000000001", "1a0,0000000000400002", "3a,0000000000000003"})
  void refusesValues(String index, String value) {
    refuses(Integer.parseUnsignedInt(index, 16), Long.parseUnsignedLong(value, 16));
  }

  @ParameterizedTest
  @CsvSource({"0", "1b", "6e0", "802", "c0010000", "416", "210", "12345678"})
  void unknownRegisters(String index) {
    int i = Integer.parseUnsignedInt(index, 16);
    assertThrows(GuestFault.class, () -> msrs.read(i));
    assertThrows(GuestFault.class, () -> msrs.write(i, 0));
  }

  @ParameterizedTest
  @CsvSource({"SEP,174", "MTRR,2ff", "PAT,277", "MCA,179", "VMX,3a", "SPEC_CTRL,48", "ARCH_CAPABILITIES,10a",
      "XSAVES,da0",
      "SYSCALL,c0000081", "LM,c0000100", "TSC_ADJUST,3b"})
  void registersOfFeaturesThatAreNotAnnounced(CpuFeature feature, String index) {
    int i = Integer.parseUnsignedInt(index, 16);
    msrs.read(i);
    b.cpu.features.remove(feature);
    assertThrows(GuestFault.class, () -> msrs.read(i));
    assertThrows(GuestFault.class, () -> msrs.write(i, 0));
  }

  @Test
  void machineCheckBanks() {
    msrs.write(Msr.MC0_CTL, -1);
    assertEquals(-1, msrs.read(Msr.MC0_CTL));
    refuses(Msr.MC0_CTL, 0x5555);
    refuses(Msr.MC0_CTL + 1, 1); // STATUS
    msrs.write(Msr.MC0_CTL + 2, 0x1234_5678_9abcL); // ADDR
    assertEquals(0x1234_5678_9abcL, msrs.read(Msr.MC0_CTL + 2));
    assertEquals(0x1234_5678_9abcL, msrs.save().get(Msr.MC0_CTL + 2));
  }

  @Test
  void miscEnable() {
    msrs.write(Msr.MISC_ENABLE, 0x4_00c5_0809L);
    assertEquals(0x4_00c5_1809L, msrs.read(Msr.MISC_ENABLE), "PEBS is never available");
    refuses(Msr.EFER, b.cpu.efer | Flag.EFER_NXE); // XD disable
    refuses(Msr.MISC_ENABLE, 2);
  }

  @Test
  void countersOfAmdsProcessors() {
    assertThrows(GuestFault.class, () -> msrs.read(Msr.PERFEVTSEL0));
    b.cpu.amd = true;
    msrs.write(Msr.PERFEVTSEL0 + 7, 42);
    assertEquals(42, msrs.read(Msr.PERFEVTSEL0 + 7));
    assertEquals(42, msrs.save().get(Msr.PERFEVTSEL0 + 7));
  }

  @Test
  void timeStampCounter() {
    b.nanos = 1000;
    assertEquals(1000, msrs.read(Msr.TSC));
    msrs.write(Msr.TSC, 5000);
    assertEquals(4000, msrs.read(Msr.TSC_ADJUST));
    b.nanos = 1100;
    assertEquals(5100, b.cpu.tsc());
    msrs.write(Msr.TSC_ADJUST, 1);
    assertEquals(1101, msrs.read(Msr.TSC));
  }

  @Test
  void efer() {
    refuses(Msr.EFER, 0); // LME with paging
    msrs.write(Msr.EFER, Flag.EFER_LME | Flag.EFER_SCE);
    assertEquals(Flag.EFER_LME | Flag.EFER_SCE | Flag.EFER_LMA, b.cpu.efer, "LMA is read-only");
    b.cpu.features.remove(CpuFeature.NX);
    refuses(Msr.EFER, b.cpu.efer | Flag.EFER_NXE);
  }

  @Test
  void featureControlLocks() {
    msrs.write(Msr.FEATURE_CONTROL, 4);
    msrs.write(Msr.FEATURE_CONTROL, 5);
    refuses(Msr.FEATURE_CONTROL, 5);
  }

  @Test
  void bases() {
    msrs.write(Msr.GS_BASE, 0x1234);
    assertEquals(0x1234, b.cpu.seg[Segment.GS].base);
    msrs.write(Msr.KERNEL_GS_BASE, 0x5678);
    b.code("0f 01 f8 f4").halts(Bench.CODE + 3); // swapgs
    assertEquals(0x5678, b.cpu.seg[Segment.GS].base);
    assertEquals(0x1234, msrs.read(Msr.KERNEL_GS_BASE));
    Bench.longMode().user().code("0f 01 f8").raises(Vector.GP, 0);
  }

  @Test
  void instructions() {
    b.code("0f 30 0f 32 f4"); // wrmsr; rdmsr
    b.cpu.r[Registers.RCX] = 0xc0000102L;
    b.cpu.r[Registers.RAX] = 0xffffffff_00001000L;
    b.cpu.r[Registers.RDX] = 0xffff8888L;
    b.halts(Bench.CODE + 4);
    assertEquals(0xffff8888_00001000L, msrs.read(Msr.KERNEL_GS_BASE));
    assertEquals(0x1000, b.cpu.r[Registers.RAX]);
    assertEquals(0xffff8888L, b.cpu.r[Registers.RDX]);
    Bench.longMode().user().code("0f 32").raises(Vector.GP, 0);
    Bench.longMode().code("0f 32").raises(Vector.GP, 0);
  }

  @Test
  void bitmapsDecideAboutExits() {
    b.cpu.controls.nonRoot = true;
    b.cpu.r[Registers.RCX] = Msr.PAT;
    b.code("0f 32 0f 30").exits(31, 0);
    b.cpu.controls.useMsrBitmaps = true;
    b.cpu.controls.msrBitmap[2048 + (Msr.PAT >> 3)] = (byte) (1 << (Msr.PAT & 7));
    b.exits(32, 0);
    assertEquals(Bench.CODE + 2, b.cpu.rip);
    assertEquals(0x00070406L, b.cpu.r[Registers.RAX]);
  }

  @Test
  void savedAndRestored() {
    msrs.write(Msr.LSTAR, 0x1234);
    msrs.write(Msr.MTRR_DEF_TYPE, 0xc06);
    msrs.write(Msr.MC0_CTL + 4, -1);
    msrs.write(Msr.TSC_ADJUST, 99);
    SortedMap<Integer, Long> saved = msrs.save();
    Bench other = Bench.longMode();
    other.cpu.msrs.write(Msr.CSTAR, 0x999);
    other.cpu.msrs.restore(saved);
    assertEquals(saved, other.cpu.msrs.save());
    assertEquals(0, other.cpu.msrs.read(Msr.CSTAR));
    assertEquals(0, other.cpu.msrs.tscOffset, "the counter is restored apart");

    SortedMap<Integer, Long> wrong = new TreeMap<>(saved);
    wrong.put(Msr.LSTAR, 0x5678L);
    wrong.put(Msr.KERNEL_GS_BASE, 1L << 60);
    assertThrows(IllegalArgumentException.class, () -> other.cpu.msrs.restore(wrong));
    assertEquals(saved, other.cpu.msrs.save(), "nothing has changed");
    SortedMap<Integer, Long> unknown = new TreeMap<>(saved);
    unknown.put(0x12345678, 1L);
    assertThrows(IllegalArgumentException.class, () -> other.cpu.msrs.restore(unknown));
  }

  @Test
  void tscInstructions() {
    b.nanos = 0x1_2345_6789L;
    msrs.write(Msr.TSC_AUX, 42);
    b.code("0f 31 0f 01 f9 f3 0f c7 fb f4").halts(Bench.CODE + 9); // rdtsc; rdtscp; rdpid rbx
    assertEquals(0x23456789, b.cpu.r[Registers.RAX]);
    assertEquals(1, b.cpu.r[Registers.RDX]);
    assertEquals(42, b.cpu.r[Registers.RCX]);
    assertEquals(42, b.cpu.r[Registers.RBX]);
    Bench user = Bench.longMode().user().code("0f 31");
    user.cpu.cr4 |= Flag.CR4_TSD;
    user.raises(Vector.GP, 0);
    Bench exiting = Bench.longMode().code("0f 31");
    exiting.cpu.controls.nonRoot = true;
    exiting.cpu.controls.rdtscExiting = true;
    exiting.exits(16, 0);
    exiting.code("0f 01 f9").exits(51, 0);
  }
}
