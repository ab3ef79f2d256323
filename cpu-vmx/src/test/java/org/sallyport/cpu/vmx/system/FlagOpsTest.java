package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** SDM volume 2, PUSHF, POPF, CLI, STI, CLAC, STAC; what else is privileged; volume 1, "I/O Protection". */
class FlagOpsTest {
  private static final int POPPED = 0x3f7fd7 & ~Flag.TF;

  private static Bench popping(Bench b, int size, String hex) {
    b.put(b.cpu.r[Registers.RSP], size, POPPED);
    return b.code(hex + "0f 0b");
  }

  @Test
  void popfAtLevel0() {
    Bench b = popping(Bench.protectedMode(), 4, "9d").raises(Vector.UD);
    assertEquals(POPPED & ~(Flag.VM | Flag.VIF | Flag.VIP), b.stacked(2), "RF comes from #UD");
    assertEquals(Bench.STACK + 4 - 12, b.cpu.r[Registers.RSP]);
  }

  @Test
  void popfOf16Bits() {
    Bench b = popping(Bench.protectedMode(), 4, "66 9d").raises(Vector.UD);
    assertEquals(POPPED & 0xffff | Flag.RF, b.stacked(2));
  }

  @ParameterizedTest
  @CsvSource({"0,false", "3,true"})
  void popfAtLevel3(int iopl, boolean changesIf) {
    Bench b = popping(Bench.longMode().user(), 8, "9d");
    b.cpu.flags |= iopl << 12;
    b.raises(Vector.UD);
    int expected = POPPED & ~(Flag.VM | Flag.VIF | Flag.VIP | Flag.IF | Flag.IOPL) | iopl << 12
        | (changesIf ? Flag.IF : 0);
    assertEquals(expected, b.stacked(2));
  }

  @Test
  void popfInV86Mode() {
    popping(Bench.protectedMode().v86(0), 2, "9d").raises(Vector.GP, 0);
    Bench b = popping(Bench.protectedMode().v86(0), 2, "9d");
    b.cpu.cr4 |= Flag.CR4_VME;
    b.raises(Vector.UD);
    assertEquals(Flag.VIF, b.stacked(2) & (Flag.VIF | Flag.IF | Flag.IOPL));
    Bench c = popping(Bench.protectedMode().v86(0), 2, "9d");
    c.cpu.cr4 |= Flag.CR4_VME;
    c.cpu.flags |= Flag.VIP;
    c.raises(Vector.GP, 0);
  }

  @Test
  void pushf() {
    Bench b = Bench.protectedMode().code("9c f4");
    b.cpu.flags |= Flag.IF | Flag.AC | Flag.IOPL;
    b.halts(Bench.CODE + 1);
    assertEquals(Flag.IF | Flag.AC | Flag.IOPL | 2, b.stacked(0) & ~Flag.STATUS);
    Bench.protectedMode().v86(0).code("9c").raises(Vector.GP, 0);
    Bench c = Bench.protectedMode().v86(0).code("9c 0f 0b");
    c.cpu.cr4 |= Flag.CR4_VME;
    c.cpu.flags |= Flag.VIF;
    c.raises(Vector.UD);
    assertEquals(Flag.IF | Flag.IOPL | 2, c.get(Bench.USER_STACK - 2, 2) & ~Flag.STATUS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fa", "fb"})
  void interruptFlagIsForIopl(String hex) {
    Bench.protectedMode().user().code(hex).raises(Vector.GP, 0);
    Bench.protectedMode().v86(0).code(hex).raises(Vector.GP, 0);
    Bench b = Bench.protectedMode().user().code(hex + "0f 0b");
    b.cpu.flags |= Flag.IOPL | Flag.IF;
    b.raises(Vector.UD);
    assertEquals("fa".equals(hex) ? 0 : Flag.IF, b.stacked(2) & Flag.IF);
  }

  @Test
  void protectedModeVirtualInterrupts() {
    Bench b = Bench.protectedMode().user().code("fb 0f 0b");
    b.cpu.cr4 |= Flag.CR4_PVI;
    b.raises(Vector.UD);
    assertEquals(Flag.VIF, b.stacked(2) & (Flag.VIF | Flag.IF));
    Bench c = Bench.protectedMode().user().code("fb");
    c.cpu.cr4 |= Flag.CR4_PVI;
    c.cpu.flags |= Flag.VIP;
    c.raises(Vector.GP, 0);
  }

  @Test
  void stiHoldsInterruptsBackForOneInstruction() {
    Bench b = Bench.protectedMode().code("fb 90 90");
    b.cpu.controls.nonRoot = true;
    b.cpu.controls.interruptWindowExiting = true;
    b.exits(7, 0);
    assertEquals(Bench.CODE + 2, b.cpu.rip);
    Bench c = Bench.protectedMode().code("fb 90 90");
    c.cpu.flags |= Flag.IF;
    c.cpu.controls.nonRoot = true;
    c.cpu.controls.interruptWindowExiting = true;
    c.cpu.attention();
    c.exits(7, 0);
    assertEquals(Bench.CODE, c.cpu.rip);
  }

  @Test
  void accessFlag() {
    Bench.protectedMode().user().code("0f 01 cb").raises(Vector.UD);
    Bench b = Bench.protectedMode();
    b.cpu.features.remove(CpuFeature.SMAP);
    b.code("0f 01 cb").raises(Vector.UD);
  }

  // ---- what else is for level 0, or needs an announcement ---------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"f4", "0f 08", "0f 09", "0f 01 3c 25 00 c0 00 00", "0f 33"})
  void forLevel0(String hex) {
    Bench.longMode().user().code(hex).raises(Vector.GP, 0);
  }

  @ParameterizedTest
  @CsvSource({"0f a2,10", "f4,12", "0f 08,13", "0f 01 c1,18"})
  void alwaysExit(String hex, int reason) {
    Bench b = Bench.longMode().code(hex);
    b.cpu.controls.nonRoot = true;
    b.exits(reason, 0);
    assertEquals(Bench.CODE, b.cpu.rip);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0f 0b", "0f b9 c0", "0f ff c0", "0f aa", "0f 01 c1", "0f 01 c4", "f3 0f ae c0",
      "0f 01 d0", "0f 01 d1"})
  void undefined(String hex) {
    Bench.longMode().code(hex).raises(Vector.UD);
  }

  @Test
  void baseInstructions() {
    Bench b = Bench.longMode().code("f3 48 0f ae d0 f3 48 0f ae c3 f4"); // wrfsbase rax; rdfsbase rbx
    b.cpu.cr4 |= Flag.CR4_FSGSBASE;
    b.cpu.r[Registers.RAX] = 0xffff_8000_0000_0000L;
    b.halts(Bench.CODE + 10);
    assertEquals(0xffff_8000_0000_0000L, b.cpu.seg[Segment.FS].base);
    assertEquals(0xffff_8000_0000_0000L, b.cpu.r[Registers.RBX]);
    Bench c = Bench.longMode().code("f3 48 0f ae d8"); // wrgsbase rax
    c.cpu.cr4 |= Flag.CR4_FSGSBASE;
    c.cpu.r[Registers.RAX] = 1L << 60;
    c.raises(Vector.GP, 0);
  }

  @Test
  void invalidation() {
    Bench b = Bench.longMode();
    // mov al,[DATA]; invlpg [DATA]; mov al,[DATA]
    b.code("8a 04 25 00 c0 00 00 0f 01 3c 25 00 c0 00 00 8a 04 25 00 c0 00 00");
    b.put(Bench.DATA, 1, 0x77);
    b.cpu.controls.nonRoot = true;
    b.cpu.controls.invlpgExiting = true;
    b.exits(14, Bench.DATA);
    b.cpu.controls.invlpgExiting = false;
    b.put(Bench.PAGES + 0x3000 + 8 * (Bench.DATA >> 12), 8, 0);
    b.raises(Vector.PF, 0);
    assertEquals(Bench.CODE + 15, b.stacked(1));
  }

  @ParameterizedTest
  @CsvSource({"4,0,0", "0,1000,0", "0,1,0", "0,0,1000000000000000"})
  void invpcidThatIsWrong(long type, String pcid, String address) {
    Bench b = Bench.longMode().code("66 0f 38 82 04 25 00 c0 00 00"); // invpcid rax, [DATA]
    b.cpu.r[Registers.RAX] = type;
    b.put(Bench.DATA, 8, Long.parseLong(pcid, 16));
    b.put(Bench.DATA + 8, 8, Long.parseLong(address, 16));
    b.raises(Vector.GP, 0);
  }

  @Test
  void extendedControlRegister() {
    Bench b = Bench.longMode().code("0f 01 d0 f4"); // xgetbv
    b.cpu.cr4 |= Flag.CR4_OSXSAVE;
    b.cpu.xcr0 = 3;
    b.halts(Bench.CODE + 3);
    assertEquals(3, b.cpu.r[Registers.RAX]);
    Bench c = Bench.longMode().code("0f 01 d0");
    c.cpu.cr4 |= Flag.CR4_OSXSAVE;
    c.cpu.r[Registers.RCX] = 2;
    c.raises(Vector.GP, 0);
    Bench d = Bench.longMode().code("0f 01 d1"); // xsetbv
    d.cpu.cr4 |= Flag.CR4_OSXSAVE;
    d.exits(55, 0);
  }

  // ---- ports ------------------------------------------------------------------------------------------------------

  private static void refusesPort(Bench b, int port, int size) {
    GuestFault fault = assertThrows(GuestFault.class, () -> IoPermission.check(b.cpu, port, size));
    assertEquals(Vector.GP, fault.vector);
    assertEquals(0, fault.errorCode);
  }

  @Test
  void portPermissions() {
    IoPermission.check(Bench.real().cpu, 0x70, 1);
    IoPermission.check(Bench.protectedMode().cpu, 0x70, 1);
    Bench b = Bench.protectedMode().user();
    b.put(Bench.TSS + 0x68 + 0x0e, 1, 1 << 2); // port 72h
    IoPermission.check(b.cpu, 0x70, 2);
    refusesPort(b, 0x72, 1);
    refusesPort(b, 0x70, 4);
    refusesPort(b, 0xf8, 1); // its second byte lies beyond the limit
    b.cpu.flags |= Flag.IOPL;
    IoPermission.check(b.cpu, 0x72, 1);
    Bench v86 = Bench.protectedMode().v86(3);
    v86.put(Bench.TSS + 0x68, 1, 1);
    refusesPort(v86, 0, 1);
    Bench narrow = Bench.protectedMode().user();
    narrow.cpu.seg[Segment.TR].set(Bench.TSS_SEL, Bench.TSS, 0x80, 0x83);
    refusesPort(narrow, 0x70, 1);
  }
}
