package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** SDM volume 2, SYSCALL, SYSRET, SYSENTER, SYSEXIT. */
class SystemCallsTest {
  private static final int RCX = Registers.RCX;
  private static final int RDX = Registers.RDX;
  private static final int R11 = 11;
  private static final long NOT_CANONICAL = 0x0000_8000_0000_0000L;

  private static Bench with(Bench b) {
    b.cpu.msrs.write(Msr.STAR, 0x0028_0008_0000_0000L);
    b.cpu.msrs.write(Msr.LSTAR, Bench.OTHER_CODE);
    b.cpu.msrs.write(Msr.FMASK, Flag.IF | Flag.TF);
    b.cpu.msrs.write(Msr.SYSENTER_CS, Bench.CODE0);
    b.cpu.msrs.write(Msr.SYSENTER_ESP, Bench.STACK0);
    b.cpu.msrs.write(Msr.SYSENTER_EIP, Bench.OTHER_CODE);
    return b.at(Bench.OTHER_CODE, "f4");
  }

  @Test
  void syscall() {
    Bench b = with(Bench.longMode().user()).code("0f 05");
    b.cpu.flags |= Flag.IF | Flag.AC;
    b.halts(Bench.OTHER_CODE);
    assertEquals(Bench.USER_CODE + 2, b.cpu.r[RCX]);
    assertEquals(Flag.IF | Flag.AC | 2, b.cpu.r[R11] & ~Flag.STATUS);
    assertEquals(Flag.AC | 2, b.cpu.rflags() & ~Flag.STATUS);
    assertEquals(0, b.cpu.cpl);
    assertEquals(8, b.cpu.seg[Segment.CS].selector);
    assertEquals(0xa09b, b.cpu.seg[Segment.CS].access);
    assertEquals(0x10, b.cpu.seg[Segment.SS].selector);
    assertEquals(0xc093, b.cpu.seg[Segment.SS].access);
    assertEquals(Bench.USER_STACK, b.cpu.r[Registers.RSP]);
  }

  @Test
  void syscallThatClearsTfIsNotTrapped() {
    Bench b = with(Bench.longMode().user()).code("9d 0f 05"); // popf; syscall
    b.cpu.r[Registers.RSP] = Bench.DATA;
    b.put(Bench.DATA, 8, Flag.TF | 2);
    b.halts(Bench.OTHER_CODE);
    assertEquals(Flag.TF, b.cpu.r[R11] & Flag.TF);
  }

  @Test
  void withoutSceOrOutside64BitMode() {
    Bench b = with(Bench.longMode()).code("0f 05");
    b.cpu.efer &= ~Flag.EFER_SCE;
    b.raises(Vector.UD);
    with(Bench.protectedMode()).code("0f 05").raises(Vector.UD);
    Bench c = with(Bench.longMode()).code("0f 07");
    c.cpu.efer &= ~Flag.EFER_SCE;
    c.raises(Vector.UD);
  }

  @Test
  void amdsHaveItInCompatibilityAndProtectedMode() {
    Bench b = with(Bench.longMode().at(Bench.USER_CODE, "0f 05")).code("0f 07"); // sysret; syscall
    b.cpu.amd = true;
    b.cpu.msrs.write(Msr.CSTAR, Bench.OTHER_CODE + 8);
    b.at(Bench.OTHER_CODE + 8, "f4");
    b.cpu.r[RCX] = Bench.USER_CODE;
    b.halts(Bench.OTHER_CODE + 8);
    assertEquals(Bench.USER_CODE + 2, b.cpu.r[RCX]);
    assertEquals(8, b.cpu.seg[Segment.CS].selector);

    Bench c = with(Bench.protectedMode()).code("0f 05");
    c.cpu.amd = true;
    c.cpu.efer |= Flag.EFER_SCE;
    c.cpu.flags |= Flag.IF;
    c.cpu.msrs.write(Msr.STAR, 0x0028_0008_0000_0000L | Bench.OTHER_CODE);
    c.halts(Bench.OTHER_CODE);
    assertEquals(Bench.CODE + 2, c.cpu.r[RCX]);
    assertEquals(0, c.cpu.rflags() & Flag.IF);
  }

  @Test
  void sysretThatSetsTfIsTrappedItself() {
    Bench b = with(Bench.longMode()).code("48 0f 07").at(Bench.USER_CODE, "90 90");
    b.cpu.r[RCX] = Bench.USER_CODE;
    b.cpu.r[R11] = Flag.TF;
    b.raises(Vector.DB);
    assertEquals(Bench.USER_CODE, b.stacked(0));
  }

  @Test
  void sysretTo64BitCode() {
    Bench b = with(Bench.longMode()).code("48 0f 07").at(Bench.USER_CODE, "0f 0b");
    b.cpu.r[RCX] = Bench.USER_CODE;
    b.cpu.r[R11] = Flag.IF | Flag.RF | Flag.VM | Flag.IOPL;
    b.raises(Vector.UD);
    assertEquals(0x28 + 16 | 3, b.stacked(1));
    assertEquals(Flag.IF | Flag.IOPL | Flag.RF | 2, b.stacked(2), "the RF comes from #UD");
    assertEquals(0x28 + 8 | 3, b.stacked(4));
  }

  @Test
  void sysretTo32BitCode() {
    Bench b = with(Bench.longMode()).code("0f 07").at(Bench.USER_CODE, "40 0f 0b"); // inc eax
    b.cpu.r[RCX] = 0x7_0000_0000L | Bench.USER_CODE;
    b.raises(Vector.UD);
    assertEquals(Bench.USER_CODE + 1, b.stacked(0));
    assertEquals(0x28 | 3, b.stacked(1));
  }

  @Test
  void sysretFaultsAtLevel0() {
    Bench b = with(Bench.longMode()).code("48 0f 07");
    b.cpu.r[RCX] = NOT_CANONICAL;
    b.raises(Vector.GP, 0);
    assertEquals(Bench.CODE, b.stacked(1));
    assertEquals(Bench.CODE0, b.stacked(2));
    with(Bench.longMode().user()).code("48 0f 07").raises(Vector.GP, 0);
  }

  @Test
  void sysenter() {
    Bench b = with(Bench.protectedMode().user()).code("0f 34");
    b.cpu.flags |= Flag.IF;
    b.halts(Bench.OTHER_CODE);
    assertEquals(Bench.STACK0, b.cpu.r[Registers.RSP]);
    assertEquals(0, b.cpu.flags & Flag.IF);
    assertEquals(0xc09b, b.cpu.seg[Segment.CS].access);
    Bench c = with(Bench.longMode().user()).code("0f 34").halts(Bench.OTHER_CODE);
    assertEquals(0xa09b, c.cpu.seg[Segment.CS].access);
  }

  @Test
  void sysenterWithoutASegment() {
    Bench b = with(Bench.protectedMode()).code("0f 34");
    b.cpu.msrs.write(Msr.SYSENTER_CS, 3);
    b.raises(Vector.GP, 0);
    with(Bench.real()).code("0f 34").raises(Vector.GP);
  }

  @Test
  void sysexit() {
    Bench b = with(Bench.protectedMode()).code("0f 35").at(Bench.USER_CODE, "0f 0b");
    b.cpu.r[RDX] = Bench.USER_CODE;
    b.cpu.r[RCX] = Bench.USER_STACK;
    b.raises(Vector.UD);
    assertEquals(Bench.CODE0 + 16 | 3, b.stacked(1));
    assertEquals(Bench.USER_STACK, b.stacked(3));
    assertEquals(Bench.CODE0 + 24 | 3, b.stacked(4));
    with(Bench.protectedMode().user()).code("0f 35").raises(Vector.GP, 0);
  }

  @Test
  void sysexitTo64BitCode() {
    Bench b = with(Bench.longMode()).code("48 0f 35").at(Bench.USER_CODE, "0f 0b");
    b.cpu.r[RDX] = Bench.USER_CODE;
    b.cpu.r[RCX] = Bench.USER_STACK;
    b.raises(Vector.UD);
    assertEquals(Bench.CODE0 + 32 | 3, b.stacked(1));
    assertEquals(Bench.CODE0 + 40 | 3, b.stacked(4));
    Bench c = with(Bench.longMode()).code("48 0f 35");
    c.cpu.r[RDX] = NOT_CANONICAL;
    c.raises(Vector.GP, 0);
  }

  @Test
  void notAnnounced() {
    Bench b = with(Bench.longMode());
    b.cpu.features.remove(CpuFeature.SYSCALL);
    b.code("0f 05").raises(Vector.UD);
    Bench c = with(Bench.protectedMode());
    c.cpu.features.remove(CpuFeature.SEP);
    c.code("0f 34").raises(Vector.UD);
  }
}
