package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Vector;

/** SDM volume 1, "Shadow Stacks", and volume 2, the instructions that manage them and those that use them. */
class ShadowStackTest {
  private static final int RAX = Registers.RAX;
  private static final int RBX = Registers.RBX;
  private static final int RCX = Registers.RCX;
  private static final int RSP = Registers.RSP;

  private static final int EXIT_TRIPLE_FAULT = 2;

  // Pages of shadow stacks; pointers begin in their middle, tokens are at multiples of 32 bytes and 24.
  private static final int USER = 0x20000;
  private static final int SUPERVISOR = 0x21000;
  private static final int OTHER = 0x22000;
  private static final int TOKEN = SUPERVISOR + 0xff8;
  private static final int OTHER_TOKEN = OTHER + 0xff8;
  private static final int TABLE = 0x23000;

  private static final int P = 1;
  private static final int US = 4;
  private static final int D = 0x40;

  private static final String RDSSPQ_RAX = "f3 48 0f 1e c8";
  private static final String RET = "c3";
  private static final String HLT = "f4";
  private static final String IRETQ = "48 cf";

  /** 64-bit mode at level 0 with shadow stacks at all levels. */
  private static Bench bench() {
    Bench b = Bench.longMode();
    page(b, USER, P | US | D);
    page(b, SUPERVISOR, P | D);
    page(b, OTHER, P | D);
    b.put(TOKEN, 8, TOKEN);
    b.put(OTHER_TOKEN, 8, OTHER_TOKEN);
    b.cpu.cr4 |= Flag.CR4_CET;
    b.cpu.msrs.write(Msr.U_CET, ControlFlow.SH_STK_EN | ControlFlow.WR_SHSTK_EN);
    b.cpu.msrs.write(Msr.S_CET, ControlFlow.SH_STK_EN | ControlFlow.WR_SHSTK_EN);
    b.cpu.msrs.write(Msr.PL0_SSP, TOKEN);
    b.cpu.ssp = SUPERVISOR + 0x800;
    return b;
  }

  private static Bench user() {
    Bench b = bench().user();
    b.cpu.ssp = USER + 0x800;
    return b;
  }

  private static void page(Bench b, int address, int bits) {
    b.put(Bench.PAGES + 0x3000 + 8 * (address >> 12), 8, address | bits);
  }

  // ---- near calls -------------------------------------------------------------------------------------------------

  @Test
  void callAndReturnUseBothStacks() {
    Bench b = bench().code("e8 01 00 00 00" + HLT + RDSSPQ_RAX + RET).halts(Bench.CODE + 5);
    assertEquals(SUPERVISOR + 0x7f8, b.cpu.r[RAX]);
    assertEquals(Bench.CODE + 5, b.get(SUPERVISOR + 0x7f8, 8));
    assertEquals(SUPERVISOR + 0x800, b.cpu.ssp);
    assertEquals(Bench.STACK, b.cpu.r[RSP]);
  }

  @Test
  void indirectCallsToo() {
    Bench b = bench().code("ff d3" + HLT).at(Bench.OTHER_CODE, RDSSPQ_RAX + RET);
    b.cpu.r[RBX] = Bench.OTHER_CODE;
    b.halts(Bench.CODE + 2);
    assertEquals(SUPERVISOR + 0x7f8, b.cpu.r[RAX]);
    assertEquals(Bench.CODE + 2, b.get(SUPERVISOR + 0x7f8, 8));
  }

  @Test
  void anotherReturnAddressIsAViolation() {
    Bench b = bench().code("e8 01 00 00 00" + HLT + "48 ff 04 24 c2 08 00"); // inc qword [rsp]; ret 8
    b.raises(Vector.CP, ControlFlow.NEAR_RET);
    assertEquals(Bench.CODE + 10, b.stacked(1));
    assertEquals(Bench.STACK - 8, b.stacked(4));
  }

  @Test
  void callOfTheNextInstructionLeavesTheShadowStackAlone() {
    Bench b = bench().code("e8 00 00 00 00" + HLT).halts(Bench.CODE + 5);
    assertEquals(SUPERVISOR + 0x800, b.cpu.ssp);
    assertEquals(Bench.STACK - 8, b.cpu.r[RSP]);
  }

  @Test
  void fourBytesOutside64BitMode() {
    Bench b = Bench.protectedMode();
    b.cpu.cr0 |= Flag.CR0_WP;
    b.cpu.cr4 |= Flag.CR4_CET;
    b.cpu.msrs.write(Msr.S_CET, ControlFlow.SH_STK_EN);
    b.cpu.ssp = SUPERVISOR + 0x800;
    b.code("e8 01 00 00 00" + HLT + "f3 0f 1e c8" + RET).halts(Bench.CODE + 5);
    assertEquals(SUPERVISOR + 0x7fc, b.cpu.r[RAX]);
    assertEquals(Bench.CODE + 5, b.get(SUPERVISOR + 0x7fc, 4));
    assertEquals(0, b.get(SUPERVISOR + 0x7f8, 4));
  }

  @Test
  void aFaultOfTheShadowStackChangesNothing() {
    Bench b = bench().code("e8 01 00 00 00");
    b.cpu.ssp = Bench.DATA + 0x100;
    b.cpu.seg[2].set(Bench.DATA0, 0, 0xffffffffL, 0xc093);
    b.gate(Vector.PF, Bench.CODE0, Bench.HANDLERS + 16 * Vector.PF, 14, 0, 1);
    b.cpu.msrs.write(Msr.INTERRUPT_SSP_TABLE_ADDR, TABLE);
    b.put(TABLE + 8, 8, OTHER_TOKEN);
    b.raises(Vector.PF, 0x43); // present, write, shadow stack
    assertEquals(Bench.DATA + 0xf8, b.cpu.cr2);
    assertEquals(Bench.CODE, b.stacked(1));
    assertEquals(Bench.STACK, b.stacked(4));
  }

  // ---- pages ------------------------------------------------------------------------------------------------------

  @Test
  void programsMayReadAShadowStackButNotWriteIt() {
    Bench b = bench().code("48 8b 03 48 89 03"); // mov rax, [rbx]; mov [rbx], rax
    b.cpu.r[RBX] = TOKEN;
    b.raises(Vector.PF, 3);
    assertEquals(TOKEN, b.cpu.r[RAX]);
    assertEquals(Bench.CODE + 3, b.stacked(1));
  }

  @ParameterizedTest
  @CsvSource({
      "41, 0", // the supervisor's shadow stack
      "45, 43", // the user's
      "43, 43", // writable
      "01, 43", // not dirty
      "40, 42", // not present
  })
  void whatIsAShadowStackOfTheSupervisor(String bits, String error) {
    Bench b = bench().code("48 0f 38 f6 03" + HLT); // wrssq [rbx], rax
    page(b, OTHER, Integer.parseInt(bits, 16));
    b.cpu.r[RBX] = OTHER;
    b.cpu.r[RAX] = 0x1234;
    if (error.equals("0")) {
      b.halts(Bench.CODE + 5);
      assertEquals(0x1234, b.get(OTHER, 8));
    } else {
      b.raises(Vector.PF, Integer.parseInt(error, 16));
    }
  }

  @Test
  void anUpperEntryHasToAllowWrites() {
    Bench b = bench().code("48 0f 38 f6 03");
    b.put(Bench.PAGES + 0x2008, 8, Bench.PAGES + 0x4000 | P | US);
    b.put(Bench.PAGES + 0x4000, 8, OTHER | P | D);
    b.cpu.r[RBX] = 0x200000;
    b.raises(Vector.PF, 0x43);
  }

  @Test
  void theUserHasItsOwn() {
    user().code("e8 00 00 00 00 e8 01 00 00 00 90" + "cd 20").raises(Vector.GP, 0x20 * 8 + 2); // the gate has DPL 0
    Bench b = user().code("e8 01 00 00 00 90 90");
    b.cpu.ssp = SUPERVISOR + 0x800;
    b.raises(Vector.PF, 0x47);
  }

  // ---- far calls and returns --------------------------------------------------------------------------------------

  private static Bench farCall(long ssp) {
    Bench b = bench().code("48 ff 1b" + HLT); // call far [rbx]
    b.put(Bench.DATA, 8, Bench.OTHER_CODE);
    b.put(Bench.DATA + 8, 2, Bench.CODE0);
    b.cpu.r[RBX] = Bench.DATA;
    b.cpu.ssp = ssp;
    return b;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void farCallAndReturn(int odd) {
    long ssp = SUPERVISOR + 0x800 + odd;
    Bench b = farCall(ssp).at(Bench.OTHER_CODE, RDSSPQ_RAX + "48 cb");
    b.put(SUPERVISOR + 0x800, 4, 0xffffffffL);
    b.halts(Bench.CODE + 3);
    assertEquals(SUPERVISOR + 0x7e8, b.cpu.r[RAX]);
    assertEquals(ssp, b.get(SUPERVISOR + 0x7e8, 8));
    assertEquals(Bench.CODE + 3, b.get(SUPERVISOR + 0x7f0, 8));
    assertEquals(Bench.CODE0, b.get(SUPERVISOR + 0x7f8, 8));
    assertEquals(odd == 0 ? 0xffffffffL : 0, b.get(SUPERVISOR + 0x800, 4), "the hole is filled with zeros");
    assertEquals(ssp, b.cpu.ssp);
  }

  @Test
  void anotherFarReturnAddressIsAViolation() {
    Bench b = farCall(SUPERVISOR + 0x800).at(Bench.OTHER_CODE, "48 ff 04 24 48 cb");
    b.raises(Vector.CP, ControlFlow.FAR_RET);
    assertEquals(Bench.OTHER_CODE + 4, b.stacked(1));
  }

  @Test
  void codeOutside64BitModeNeedsAPointerBelow4G() {
    Bench b = farCall(1L << 32);
    b.put(Bench.DATA + 8, 2, Bench.CODE0_OTHER);
    b.gate(Vector.GP, Bench.CODE0, Bench.HANDLERS + 16 * Vector.GP, 14, 0, 1);
    b.cpu.msrs.write(Msr.INTERRUPT_SSP_TABLE_ADDR, TABLE);
    b.put(TABLE + 8, 8, OTHER_TOKEN);
    b.raises(Vector.GP, 0);
  }

  // ---- events -----------------------------------------------------------------------------------------------------

  @Test
  void interruptAtTheSameLevel() {
    Bench b = bench().code("cd 20" + HLT).at(Bench.HANDLERS + 16 * 0x20, RDSSPQ_RAX + IRETQ).halts(Bench.CODE + 2);
    assertEquals(SUPERVISOR + 0x7e8, b.cpu.r[RAX]);
    assertEquals(SUPERVISOR + 0x800, b.get(SUPERVISOR + 0x7e8, 8));
    assertEquals(Bench.CODE + 2, b.get(SUPERVISOR + 0x7f0, 8));
    assertEquals(Bench.CODE0, b.get(SUPERVISOR + 0x7f8, 8));
    assertEquals(SUPERVISOR + 0x800, b.cpu.ssp);
  }

  @Test
  void iretComparesToo() {
    Bench b = bench().code("cd 20" + HLT).at(Bench.HANDLERS + 16 * 0x20, "48 ff 04 24" + IRETQ);
    b.raises(Vector.CP, ControlFlow.FAR_RET);
    assertEquals(Bench.HANDLERS + 16 * 0x20 + 4, b.stacked(1));
  }

  @Test
  void interruptOfTheUser() {
    Bench b = user().code("cd 20" + RDSSPQ_RAX + "cd 21");
    for (int vector = 0x20; vector <= 0x21; vector++) {
      b.gate(vector, Bench.CODE0, Bench.HANDLERS + 16 * vector, 14, 3, 0);
    }
    b.raises(0x20);
    assertEquals(TOKEN, b.cpu.ssp);
    assertEquals(TOKEN | ShadowStack.BUSY, b.get(TOKEN, 8));
    assertEquals(USER + 0x800, b.cpu.msrs.read(Msr.PL3_SSP));
    b.at(Bench.HANDLERS + 16 * 0x20, IRETQ).raises(0x21);
    assertEquals(USER + 0x800, b.cpu.r[RAX]);
    assertEquals(TOKEN | ShadowStack.BUSY, b.get(TOKEN, 8), "freed and taken again");
  }

  @Test
  void returnToTheUserFreesTheToken() {
    Bench b = user().code("cd 20" + "eb fe");
    b.gate(0x20, Bench.CODE0, Bench.HANDLERS + 16 * 0x20, 14, 3, 0);
    b.raises(0x20).at(Bench.HANDLERS + 16 * 0x20, IRETQ);
    b.cpu.executeOne();
    assertEquals(3, b.cpu.cpl);
    assertEquals(USER + 0x800, b.cpu.ssp);
    assertEquals(TOKEN, b.get(TOKEN, 8));
  }

  @ParameterizedTest
  @ValueSource(longs = {TOKEN | 1, TOKEN + 8, 0})
  void aWrongTokenKeepsTheUserOut(long token) {
    Bench b = user().code("cd 20");
    b.gate(0x20, Bench.CODE0, Bench.HANDLERS + 16 * 0x20, 14, 3, 0);
    b.put(TOKEN, 8, token);
    assertEquals(EXIT_TRIPLE_FAULT, b.run());
    assertEquals(token, b.get(TOKEN, 8));
  }

  @Test
  void theTokensPlaceHasToHoldAFrameToo() {
    Bench b = user().code("cd 20");
    b.gate(0x20, Bench.CODE0, Bench.HANDLERS + 16 * 0x20, 14, 3, 0);
    b.gate(Vector.GP, Bench.CODE0, Bench.HANDLERS + 16 * Vector.GP, 14, 0, 1);
    b.cpu.msrs.write(Msr.INTERRUPT_SSP_TABLE_ADDR, TABLE);
    b.put(TABLE + 8, 8, OTHER_TOKEN);
    b.cpu.msrs.write(Msr.PL0_SSP, SUPERVISOR + 0x10);
    b.put(SUPERVISOR + 0x10, 8, SUPERVISOR + 0x10);
    b.raises(Vector.GP, 0);
    assertEquals(OTHER_TOKEN, b.cpu.ssp, "from level 3 nothing is pushed");
  }

  @Test
  void interruptStackTable() {
    Bench b = bench().code("cd 20" + HLT);
    b.gate(0x20, Bench.CODE0, Bench.HANDLERS + 16 * 0x20, 14, 0, 1);
    b.cpu.msrs.write(Msr.INTERRUPT_SSP_TABLE_ADDR, TABLE);
    b.put(TABLE + 8, 8, OTHER_TOKEN);
    b.raises(0x20);
    assertEquals(OTHER_TOKEN - 24, b.cpu.ssp);
    assertEquals(SUPERVISOR + 0x800, b.get(OTHER_TOKEN - 24, 8));
    assertEquals(OTHER_TOKEN | ShadowStack.BUSY, b.get(OTHER_TOKEN, 8));
    b.at(Bench.HANDLERS + 16 * 0x20, IRETQ).halts(Bench.CODE + 2);
    assertEquals(SUPERVISOR + 0x800, b.cpu.ssp);
    assertEquals(OTHER_TOKEN, b.get(OTHER_TOKEN, 8));
  }

  @Test
  void virtual8086ModeNeedsAnUnprotectedUser() {
    Bench b = Bench.protectedMode();
    b.cpu.cr0 |= Flag.CR0_WP;
    b.cpu.cr4 |= Flag.CR4_CET;
    b.cpu.msrs.write(Msr.U_CET, ControlFlow.SH_STK_EN);
    b.cpu.r[RSP] = Bench.STACK - 36;
    long[] frame = {Bench.USER_CODE, 0, Flag.VM | 2, Bench.USER_STACK, 0, 0, 0, 0, 0};
    for (int i = 0; i < frame.length; i++) {
      b.put(Bench.STACK - 36 + 4 * i, 4, frame[i]);
    }
    b.code("cf").raises(Vector.GP, 0);
  }

  // ---- system calls -----------------------------------------------------------------------------------------------

  @Test
  void systemCallsBeginWithoutAShadowStack() {
    Bench b = user().code("0f 05" + RDSSPQ_RAX + "cd 20").at(Bench.OTHER_CODE, HLT + "f3 0f 01 e8" + HLT);
    b.cpu.msrs.write(Msr.STAR, 0x0028_0008_0000_0000L);
    b.cpu.msrs.write(Msr.LSTAR, Bench.OTHER_CODE);
    b.halts(Bench.OTHER_CODE);
    assertEquals(0, b.cpu.ssp);
    assertEquals(USER + 0x800, b.cpu.msrs.read(Msr.PL3_SSP));
    b.resume().halts(Bench.OTHER_CODE + 5); // setssbsy
    assertEquals(TOKEN, b.cpu.ssp);
    assertEquals(TOKEN | ShadowStack.BUSY, b.get(TOKEN, 8));
    b.at(Bench.OTHER_CODE + 5, "f3 0f ae 33 48 0f 07"); // clrssbsy [rbx]; sysret
    b.cpu.r[RBX] = TOKEN;
    b.cpu.r[RCX] = Bench.USER_CODE + 2;
    b.gate(0x20, Bench.CODE0, Bench.HANDLERS + 16 * 0x20, 14, 3, 0);
    b.raises(0x20);
    assertEquals(USER + 0x800, b.cpu.r[RAX]);
  }

  // ---- instructions -----------------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"f3 48 0f ae e8", "f3 0f 01 ea", "f3 0f 01 2b", "48 0f 38 f6 03", "f3 0f 01 e8",
      "f3 0f ae 33"})
  void undefinedWithoutAShadowStack(String code) {
    Bench b = bench().code(code);
    b.cpu.msrs.write(Msr.S_CET, 0);
    b.raises(Vector.UD);
  }

  @Test
  void readingThePointerIsNoOperationThen() {
    Bench b = bench().code(RDSSPQ_RAX + HLT);
    b.cpu.msrs.write(Msr.S_CET, 0);
    b.cpu.r[RAX] = 5;
    b.halts(Bench.CODE + 5);
    assertEquals(5, b.cpu.r[RAX]);
  }

  @Test
  void incrementTouchesFirstAndLast() {
    Bench b = bench().code("f3 48 0f ae e8" + HLT);
    b.cpu.r[RAX] = 0x1ff; // 255 elements
    b.halts(Bench.CODE + 5);
    assertEquals(SUPERVISOR + 0x800 + 255 * 8, b.cpu.ssp);
    Bench c = bench().code("f3 48 0f ae e8");
    c.cpu.ssp = SUPERVISOR + 0x808; // the last one is in the next page, another supervisor's shadow stack
    page(c, OTHER, P | 2);
    c.cpu.r[RAX] = 0x100; // nothing, but the element at the pointer is read
    c.code("f3 48 0f ae e8" + HLT).halts(Bench.CODE + 5);
    assertEquals(SUPERVISOR + 0x808, c.cpu.ssp);
    c.cpu.rip = Bench.CODE;
    c.cpu.r[RAX] = 0x100 - 1;
    c.cpu.ssp = SUPERVISOR + 0x810;
    c.raises(Vector.PF, 0x41);
    assertEquals(SUPERVISOR + 0x810 + 254 * 8, c.cpu.cr2);
  }

  @Test
  void writesNeedTheirOwnPermission() {
    Bench b = bench().code("48 0f 38 f6 03");
    b.cpu.msrs.write(Msr.S_CET, ControlFlow.SH_STK_EN);
    b.cpu.r[RBX] = OTHER;
    b.raises(Vector.UD);
    Bench c = bench().code("48 0f 38 f6 03");
    c.cpu.r[RBX] = OTHER + 4;
    c.raises(Vector.GP, 0);
    Bench d = bench().code("0f 38 f6 03" + HLT); // wrssd
    d.cpu.r[RBX] = OTHER + 4;
    d.cpu.r[RAX] = -1;
    d.put(OTHER, 8, 0);
    d.put(OTHER + 8, 8, 0);
    d.halts(Bench.CODE + 4);
    assertEquals(0xffffffff_00000000L, d.get(OTHER, 8));
    assertEquals(0, d.get(OTHER + 8, 8));
  }

  @Test
  void writesForTheUser() {
    String wrussq = "66 48 0f 38 f5 03";
    Bench b = bench().code(wrussq + HLT);
    b.cpu.msrs.write(Msr.S_CET, 0);
    b.cpu.r[RBX] = USER;
    b.cpu.r[RAX] = 77;
    b.halts(Bench.CODE + 6);
    assertEquals(77, b.get(USER, 8));
    Bench c = bench().code(wrussq);
    c.cpu.r[RBX] = OTHER;
    c.raises(Vector.PF, 0x47);
    user().code(wrussq).raises(Vector.GP, 0);
  }

  @Test
  void busyBits() {
    Bench b = bench().code("f3 0f 01 e8" + "f3 0f ae 33" + "f3 0f ae 33" + HLT);
    b.cpu.r[RBX] = TOKEN;
    b.cpu.executeOne();
    assertEquals(TOKEN | ShadowStack.BUSY, b.get(TOKEN, 8));
    assertEquals(TOKEN, b.cpu.ssp);
    b.cpu.executeOne();
    assertEquals(TOKEN, b.get(TOKEN, 8));
    assertEquals(0, b.cpu.ssp);
    assertEquals(0, b.cpu.rflags() & Flag.STATUS);
    b.cpu.executeOne();
    assertEquals(Flag.CF, b.cpu.rflags() & Flag.STATUS, "it was not busy");
    Bench c = bench().code("f3 0f 01 e8");
    c.put(TOKEN, 8, TOKEN | 1);
    c.raises(Vector.CP, ControlFlow.SETSSBSY);
    user().code("f3 0f 01 e8").raises(Vector.GP, 0);
  }

  @Test
  void switchOfStacks() {
    Bench b = bench().code("f3 0f 01 2b" + "f3 0f 01 ea" + HLT); // rstorssp [rbx]; saveprevssp
    long top = OTHER + 0x500;
    b.put(top - 8, 8, top | 1);
    b.cpu.r[RBX] = top - 8;
    b.cpu.executeOne();
    assertEquals(top - 8, b.cpu.ssp);
    assertEquals(SUPERVISOR + 0x800 | 3, b.get(top - 8, 8), "previous-SSP token");
    assertEquals(0, b.cpu.rflags() & Flag.STATUS);
    b.cpu.executeOne();
    assertEquals(top, b.cpu.ssp);
    assertEquals(SUPERVISOR + 0x800 | 1, b.get(SUPERVISOR + 0x7f8, 8), "restore token");
  }

  @ParameterizedTest
  @ValueSource(longs = {OTHER + 0x500, OTHER + 0x500 | 3, OTHER + 0x508 | 1, 0})
  void aWrongRestoreToken(long token) {
    Bench b = bench().code("f3 0f 01 2b");
    b.put(OTHER + 0x4f8, 8, token);
    b.cpu.r[RBX] = OTHER + 0x4f8;
    b.raises(Vector.CP, ControlFlow.RSTORSSP);
    assertEquals(token, b.get(OTHER + 0x4f8, 8));
  }

  @Test
  void saveNeedsAPreviousToken() {
    Bench b = bench().code("f3 0f 01 ea");
    b.put(SUPERVISOR + 0x800, 8, OTHER + 0x500 | 1);
    b.raises(Vector.GP, 0);
  }

  // ---- registers --------------------------------------------------------------------------------------------------

  @Test
  void needsWriteProtection() {
    Bench b = Bench.longMode().code("0f 22 e0");
    b.cpu.cr0 &= ~Flag.CR0_WP;
    b.cpu.r[RAX] = b.cpu.cr4 | Flag.CR4_CET;
    b.raises(Vector.GP, 0);
    Bench c = bench().code("0f 22 c0");
    c.cpu.r[RAX] = c.cpu.cr0 & ~Flag.CR0_WP;
    c.raises(Vector.GP, 0);
  }

  @ParameterizedTest
  @CsvSource({
      "6a0, 40", // reserved
      "6a2, 200",
      "6a0, c00", // suppressed and waiting
      "6a0, 800000000000", // not canonical
      "6a4, 2", "6a7, 1", "6a7, 800000000000", "6a8, 800000000000", "6a1, 0", "6a3, 0", "6a9, 0",
  })
  void valuesThatRegistersRefuse(String index, String value) {
    Bench b = Bench.longMode().code("0f 30");
    b.cpu.features.remove(CpuFeature.LA57);
    b.cpu.r[RCX] = Integer.parseInt(index, 16);
    long bits = Long.parseLong(value, 16);
    b.cpu.r[RAX] = bits & 0xffffffffL;
    b.cpu.r[Registers.RDX] = bits >>> 32;
    b.raises(Vector.GP, 0);
  }

  @Test
  void withoutTheFeaturesThereAreNone() {
    Bench b = Bench.longMode().code("0f 22 e0");
    b.cpu.features.remove(CpuFeature.SHSTK);
    b.cpu.features.remove(CpuFeature.IBT);
    b.cpu.r[RAX] = b.cpu.cr4 | Flag.CR4_CET;
    b.raises(Vector.GP, 0);
    Bench c = Bench.longMode().code("0f 32");
    c.cpu.features.remove(CpuFeature.SHSTK);
    c.cpu.features.remove(CpuFeature.IBT);
    c.cpu.r[RCX] = Msr.U_CET;
    c.raises(Vector.GP, 0);
  }

  @Test
  void aViolationWhileAViolationIsDeliveredIsADoubleFault() {
    assertEquals(Vector.DF, EventDelivery.combine(EventDelivery.HARDWARE_EXCEPTION, Vector.CP, Vector.GP));
    assertEquals(Vector.DF, EventDelivery.combine(EventDelivery.HARDWARE_EXCEPTION, Vector.PF, Vector.CP));
  }
}
