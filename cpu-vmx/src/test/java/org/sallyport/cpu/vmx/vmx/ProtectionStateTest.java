package org.sallyport.cpu.vmx.vmx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuStateBuilder;

/** The state of protection keys, control-flow enforcement and address masking goes from one processor to another. */
class ProtectionStateTest {
  // @formatter:off
  private static final int U_CET = 0x6a0, S_CET = 0x6a2, PL0_SSP = 0x6a4, PL3_SSP = 0x6a7, SSP_TABLE = 0x6a8, PKRS = 0x6e1;
  private static final long CR4_PKE = 1 << 22, CR4_CET = 1 << 23, CR4_PKS = 1 << 24, CR4_LAM_SUP = 1 << 28;
  private static final long CR3_LAM_U48 = 1L << 62;
  // @formatter:on

  private static final long CR0_WP = 1 << 16;
  private static final long SH_STK_EN = 1;
  private static final long ENDBR_EN = 4;
  private static final long TRACKER = 1 << 11;

  /** RAM is here once more, as shadow stacks. */
  private static final long SHADOW = 0x200000;

  private static final int XSAVE_PKRU = 2688;

  private static TestVm vm(String hex) throws CpuException {
    TestVm vm = new TestVm(hex);
    vm.put(0x3000 + 8, 0xc1); // 2 MiB, present, dirty, not writable
    return vm;
  }

  private static VcpuStateBuilder state(TestVm vm, long cet) {
    VcpuStateBuilder b = vm.state();
    b.cr0 |= CR0_WP;
    b.cr4 |= CR4_CET;
    b.msrs.put(S_CET, cet);
    b.ssp = SHADOW + 0x70000;
    return b;
  }

  /** Another machine with the same memory and the state of the first. */
  private static TestVm twin(TestVm vm) throws CpuException {
    TestVm twin = new TestVm("f4");
    MemorySegment.copy(vm.ram, 0, twin.ram, 0, vm.ram.byteSize());
    twin.cluster.memoryWritten(0, vm.ram.byteSize());
    twin.cpu.restore(vm.cpu.save());
    return twin;
  }

  private static void assertSame(VcpuState a, VcpuState b) {
    assertEquals(a.rip(), b.rip());
    assertEquals(a.ssp(), b.ssp());
    assertEquals(a.gpr(), b.gpr());
    assertEquals(a.msrs(), b.msrs());
    assertEquals(a.cr3(), b.cr3());
    assertEquals(a.cr4(), b.cr4());
    assertArrayEquals(a.xsave(), b.xsave());
  }

  @Test
  void insideACall() throws CpuException {
    // call f; hlt; f: out 80h, al; rdsspq rax; ret
    try (TestVm vm = vm("e8 01000000 f4 e6 80 f3480f1ec8 c3")) {
      vm.cpu.restore(state(vm, SH_STK_EN).build());
      assertEquals(ExitReason.PORT_WRITE, vm.run());
      assertEquals(SHADOW + 0x6fff8, vm.cpu.save().ssp());
      try (TestVm twin = twin(vm)) {
        assertSame(vm.cpu.save(), twin.cpu.save());
        for (TestVm each : new TestVm[]{vm, twin}) {
          assertEquals(ExitReason.HALT, each.run());
          assertEquals(SHADOW + 0x6fff8, each.gpr(0));
          assertEquals(SHADOW + 0x70000, each.cpu.save().ssp());
          assertEquals(SHADOW + 0x70000, each.vmcs("Guest SSP"));
          assertEquals(SH_STK_EN, each.vmcs("Guest IA32 S CET"));
        }
      }
    }
  }

  @Test
  void betweenAnIndirectJumpAndItsTarget() throws CpuException {
    // lea rbx, [rip + 2]; jmp rbx; then no ENDBRANCH
    try (TestVm vm = vm("488d1d02000000 ffe3 f4")) {
      vm.cpu.restore(state(vm, ENDBR_EN).build());
      vm.handler(21, TestVm.CODE + 0x100);
      vm.code(TestVm.CODE + 0x100, "f30f1efa f4");
      vm.cpu.step(vm.exit);
      vm.cpu.step(vm.exit);
      VcpuState state = vm.cpu.save();
      assertEquals(TestVm.CODE + 9, state.rip());
      assertEquals(ENDBR_EN | TRACKER, state.msrs().get(S_CET));
      try (TestVm twin = twin(vm)) {
        assertSame(state, twin.cpu.save());
        for (TestVm each : new TestVm[]{vm, twin}) {
          assertEquals(ExitReason.HALT, each.run());
          assertEquals(TestVm.CODE + 0x105, each.cpu.save().rip(), "the handler of #CP");
        }
      }
    }
  }

  @Test
  void registers() throws CpuException {
    // mov eax, 44440h; wrpkru (ECX and EDX are 0); hlt
    try (TestVm vm = vm("b8 40440400 0f01ef f4")) {
      VcpuStateBuilder b = state(vm, 0);
      b.cr4 |= CR4_PKE | CR4_PKS | CR4_LAM_SUP;
      b.cr3 |= CR3_LAM_U48;
      b.msrs.put(U_CET, 0x7000_0003L);
      b.msrs.put(PL0_SSP, 0x1238L);
      b.msrs.put(PL0_SSP + 1, 0x1248L);
      b.msrs.put(PL0_SSP + 2, 0x1258L);
      b.msrs.put(PL3_SSP, 0x126cL);
      b.msrs.put(SSP_TABLE, 0xffff_ff00_0000_1000L);
      b.msrs.put(PKRS, 0xcccc_ccc0L);
      b.gpr.set(2, 0L); // EDX
      vm.cpu.restore(b.build());
      assertEquals(ExitReason.HALT, vm.run());
      VcpuState state = vm.cpu.save();
      assertEquals(b.msrs.get(U_CET), state.msrs().get(U_CET));
      assertEquals(0x126cL, state.msrs().get(PL3_SSP));
      assertEquals(0xcccc_ccc0L, state.msrs().get(PKRS));
      assertEquals(0xcccc_ccc0L, vm.vmcs("Guest IA32 PKRS"));
      assertEquals(0xffff_ff00_0000_1000L, vm.vmcs("Guest interrupt SSP table ADDR"));
      assertEquals(0x44440, state.xsave()[XSAVE_PKRU] & 0xff | (state.xsave()[XSAVE_PKRU + 1] & 0xff) << 8
          | (state.xsave()[XSAVE_PKRU + 2] & 0xff) << 16);
      assertTrue((state.cr3() & CR3_LAM_U48) != 0);
      try (TestVm twin = twin(vm)) {
        assertSame(state, twin.cpu.save());
      }
    }
  }
}
