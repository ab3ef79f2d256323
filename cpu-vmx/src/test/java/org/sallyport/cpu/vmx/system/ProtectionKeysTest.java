package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Vector;

/** SDM volume 3, "Protection Keys"; volume 2, RDPKRU, WRPKRU. */
class ProtectionKeysTest {
  private static final int RAX = Registers.RAX;
  private static final int RBX = Registers.RBX;
  private static final int RCX = Registers.RCX;
  private static final int RDX = Registers.RDX;

  private static final String RDPKRU = "0f 01 ee";
  private static final String WRPKRU = "0f 01 ef";
  private static final String READ = "8b 03"; // mov eax, [rbx]
  private static final String WRITE = "89 03"; // mov [rbx], eax
  private static final String HLT = "f4";

  private static final int AD = 1;
  private static final int WD = 2;
  private static final int KEY = 5;
  private static final int PAGE_BITS_USER = 7;
  private static final int PAGE_BITS_SUPERVISOR = 3;

  /** RBX points to a page with key 5. */
  private static Bench bench(int pageBits, boolean wp) {
    Bench b = Bench.longMode();
    b.put(Bench.PAGES + 0x3000 + 8 * (Bench.DATA >> 12), 8, Bench.DATA | pageBits | (long) KEY << 59);
    b.cpu.cr4 |= Flag.CR4_PKE | Flag.CR4_PKS;
    if (!wp) {
      b.cpu.cr0 &= ~Flag.CR0_WP;
    }
    b.cpu.r[RBX] = Bench.DATA;
    return b;
  }

  private static void check(Bench b, String error) {
    if (error.equals("-")) {
      b.halts(Bench.CODE + 2);
    } else {
      b.raises(Vector.PF, Integer.parseInt(error, 16));
    }
  }

  @ParameterizedTest
  @CsvSource({
      // rights, CR0.WP, read at level 0, write at level 0, read at level 3, write at level 3
      "0, 1,  -,  -,  -,  -",
      "1, 1, 21, 23, 25, 27",
      "2, 1,  -, 23,  -, 27",
      "3, 0, 21, 23, 25, 27",
      "2, 0,  -,  -,  -, 27",
  })
  void userPages(int rights, int wp, String read0, String write0, String read3, String write3) {
    for (String access : new String[]{READ, WRITE}) {
      Bench b = bench(PAGE_BITS_USER, wp == 1).code(access + HLT);
      b.cpu.setPkru(rights << 2 * KEY);
      check(b, access.equals(READ) ? read0 : write0);
      Bench c = bench(PAGE_BITS_USER, wp == 1).user().code(access + "cd 20");
      c.gate(0x20, Bench.CODE0, Bench.HANDLERS + 16 * 0x20, 14, 3, 0);
      c.cpu.setPkru(rights << 2 * KEY);
      String error = access.equals(READ) ? read3 : write3;
      if (error.equals("-")) {
        c.raises(0x20);
      } else {
        c.raises(Vector.PF, Integer.parseInt(error, 16));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1, -, -", "1, 1, 21, 23", "2, 1, -, 23", "1, 0, 21, 23", "2, 0, -, -"})
  void supervisorPages(int rights, int wp, String read, String write) {
    for (String access : new String[]{READ, WRITE}) {
      Bench b = bench(PAGE_BITS_SUPERVISOR, wp == 1).code(access + HLT);
      b.cpu.setPkru(-1); // does not matter here
      b.put(Bench.PAGES + 0x3000 + 8 * (Bench.STACK - 1 >> 12), 8, Bench.STACK - 1 & ~0xfff | 3);
      b.cpu.setPkru(0);
      b.cpu.msrs.write(Msr.PKRS, rights << 2 * KEY);
      check(b, access.equals(READ) ? read : write);
    }
  }

  @Test
  void keysMeanNothingToFetches() {
    Bench b = bench(PAGE_BITS_USER, true).code("ff e3").at(Bench.DATA, HLT);
    b.cpu.setPkru((AD | WD) << 2 * KEY);
    b.halts(Bench.DATA);
  }

  @Test
  void rightsDoNotOutliveAWrite() {
    // mov [rbx], eax; wrpkru with the key closed; mov [rbx], eax
    Bench b = bench(PAGE_BITS_USER, true).code(WRITE + WRPKRU + WRITE);
    b.cpu.r[RAX] = WD << 2 * KEY;
    b.raises(Vector.PF, 0x23);
    assertEquals(Bench.CODE + 5, b.stacked(1));
    assertEquals(WD << 2 * KEY, b.get(Bench.DATA, 4));
    // and open again
    b.cpu.rip = Bench.CODE + 2;
    b.cpu.r[RAX] = WD << 2 * (KEY + 1);
    b.cpu.r[Registers.RSP] = Bench.STACK;
    b.code(WRPKRU + WRITE + HLT).halts(Bench.CODE + 7);
    assertEquals(WD << 2 * (KEY + 1), b.get(Bench.DATA, 4));
  }

  @Test
  void theRightsOfKey0ConcernEveryPage() {
    Bench b = bench(PAGE_BITS_USER, false).user().code(WRITE + WRPKRU + WRITE); // with WP the handler had no stack
    b.cpu.r[RBX] = Bench.USER_STACK;
    b.cpu.r[RAX] = WD;
    b.raises(Vector.PF, 0x27);
    assertEquals(Bench.USER_CODE + 5, b.stacked(1));
  }

  @Test
  void aWriteOfPkrsCountsAtOnce() {
    Bench b = bench(PAGE_BITS_SUPERVISOR, true).code(READ + "89 f0 0f 30" + READ); // mov eax, esi; wrmsr
    b.cpu.r[RCX] = Msr.PKRS;
    b.cpu.r[Registers.RSI] = AD << 2 * KEY;
    b.raises(Vector.PF, 0x21);
    assertEquals(Bench.CODE + 6, b.stacked(1));
  }

  @Test
  void instructions() {
    Bench b = bench(PAGE_BITS_USER, true).code(WRPKRU + "b8 00 00 00 00 ba ff ff ff ff" + RDPKRU + HLT);
    b.cpu.r[RAX] = 0xffffffff_1234_5678L;
    b.halts(Bench.CODE + 16);
    assertEquals(0x12345678L, b.cpu.r[RAX]);
    assertEquals(0, b.cpu.r[RDX]);
    Bench c = bench(PAGE_BITS_USER, true).code(RDPKRU);
    c.cpu.r[RCX] = 1;
    c.raises(Vector.GP, 0);
    Bench d = bench(PAGE_BITS_USER, true).code(WRPKRU);
    d.cpu.r[RDX] = 1;
    d.raises(Vector.GP, 0);
    Bench.longMode().code(RDPKRU).raises(Vector.UD);
    Bench e = bench(PAGE_BITS_SUPERVISOR, true).code("0f 30");
    e.cpu.r[RCX] = Msr.PKRS;
    e.cpu.r[RDX] = 1;
    e.raises(Vector.GP, 0);
  }

  @Test
  void stateComponent9() {
    Bench b = bench(PAGE_BITS_USER, true).code("0f ae 27" + WRPKRU + "0f ae 2f" + HLT); // xsave [rdi]; xrstor [rdi]
    b.cpu.cr4 |= Flag.CR4_OSXSAVE;
    b.cpu.xcr0 = 0x203;
    b.cpu.setPkru(0x55555550);
    b.cpu.r[RAX] = 0x200;
    b.cpu.r[Registers.RDI] = 0x20000;
    b.cpu.executeOne();
    assertEquals(0x55555550, b.get(0x20000 + 2688, 4));
    assertEquals(0x200, b.get(0x20000 + 512, 8));
    b.cpu.executeOne();
    assertEquals(0x200, b.cpu.pkru());
    b.cpu.r[RAX] = 0x200;
    b.cpu.executeOne();
    assertEquals(0x55555550, b.cpu.pkru());
    b.put(0x20000 + 512, 8, 0); // the initial value
    b.cpu.rip -= 3;
    b.cpu.executeOne();
    assertEquals(0, b.cpu.pkru());
  }
}
