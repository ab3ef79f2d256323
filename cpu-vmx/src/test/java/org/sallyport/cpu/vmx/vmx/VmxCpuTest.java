package org.sallyport.cpu.vmx.vmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.EventKind;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuStateBuilder;

/** VM entries, exits and event injection, with programs of a few bytes. */
class VmxCpuTest {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RBX = 3;

  @Test
  void haltLeavesBehindTheInstruction() throws CpuException {
    try (TestVm vm = new TestVm("b8 2a000000 f4")) { // mov eax, 42; hlt
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals(42, vm.gpr(RAX));
      assertEquals(TestVm.CODE + 6, vm.cpu.save().rip());
      assertEquals(ExitCode.HLT, vm.vmcs("Exit reason"));
      assertEquals(1, vm.vmcs("VM exit instruction length"));
      assertEquals(2, vm.cpu.instructions());
    }
  }

  @Test
  void portsGoOutAndComeIn() throws CpuException {
    try (TestVm vm = new TestVm("b0 5a e6 80 66 ed f4")) { // mov al, 5Ah; out 80h, al; in ax, dx; hlt
      assertEquals(ExitReason.PORT_WRITE, vm.run());
      assertEquals(0x80, vm.exit.address);
      assertEquals(1, vm.exit.size);
      assertEquals(0x5a, vm.exit.value);
      assertEquals(ExitReason.PORT_READ, vm.run());
      assertEquals(2, vm.exit.size);
      vm.exit.value = 0xffff1234L;
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals(0x1234, vm.gpr(RAX));
    }
  }

  @Test
  void repeatedPortStringsExitForEachElement() throws CpuException {
    try (TestVm vm = new TestVm("bf 00200100 b9 03000000 f3 6c f4")) { // mov edi, 12000h; mov ecx, 3; rep insb; hlt
      for (int i = 0; i < 3; i++) {
        assertEquals(ExitReason.PORT_READ, vm.run());
        vm.exit.value = 'a' + i;
      }
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals("abc", new String(vm.ram.asSlice(0x12000, 3).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)));
      assertEquals(0, vm.gpr(RCX));
    }
  }

  @Test
  void memoryThatIsNotThereExitsAndGoesOnWithTheAnswer() throws CpuException {
    // mov ebx, 40000000h; add dword [rbx+8], 5; mov ecx, [rbx+8]; hlt
    try (TestVm vm = new TestVm("bb 00000040 83 43 08 05 8b 4b 08 f4")) {
      assertEquals(ExitReason.MEMORY_READ, vm.run());
      assertEquals(TestVm.NOWHERE + 8, vm.exit.address);
      assertEquals(4, vm.exit.size);
      vm.exit.value = 37;
      assertEquals(ExitReason.MEMORY_WRITE, vm.run());
      assertEquals(42, vm.exit.value);
      assertEquals(ExitReason.MEMORY_READ, vm.run());
      vm.exit.value = 7;
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals(7, vm.gpr(RCX));
      assertEquals(4, vm.cpu.instructions());
    }
  }

  @Test
  void anInterruptEntersThroughTheIdt() throws CpuException {
    try (TestVm vm = new TestVm("fb 90 f4 f4")) { // sti; nop; hlt; hlt
      vm.handler(0x41, 0x11000);
      vm.code(0x11000, "ff c1 48 cf"); // inc ecx; iretq
      assertFalse(vm.cpu.canInject());
      vm.cpu.requestInterruptWindow(true);
      assertEquals(ExitReason.INTERRUPT_WINDOW, vm.run());
      assertEquals(TestVm.CODE + 2, vm.cpu.save().rip(), "one instruction after STI is executed first");
      vm.cpu.requestInterruptWindow(false);
      assertTrue(vm.cpu.canInject());
      vm.cpu.inject(EventKind.EXTERNAL_INTERRUPT, 0x41, EventKind.NO_ERROR_CODE);
      assertFalse(vm.cpu.canInject());
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals(1, vm.gpr(RCX));
      assertEquals(TestVm.CODE + 3, vm.cpu.save().rip());
    }
  }

  @Test
  void nmisAreHeldBackUntilIret() throws CpuException {
    try (TestVm vm = new TestVm("f4 f4")) {
      vm.handler(2, 0x11000);
      vm.code(0x11000, "ff c1 e6 80 48 cf"); // inc ecx; out 80h, al; iretq
      vm.cpu.inject(EventKind.NMI, 2, EventKind.NO_ERROR_CODE);
      assertEquals(ExitReason.PORT_WRITE, vm.run());
      assertTrue(vm.cpu.save().pending().nmiBlocked());
      vm.cpu.inject(EventKind.NMI, 2, EventKind.NO_ERROR_CODE);
      assertEquals(ExitReason.PORT_WRITE, vm.run(), "the second one comes after the first one's IRET");
      assertEquals(2, vm.gpr(RCX));
      assertEquals(TestVm.STACK - 40, vm.cpu.save().gpr().get(4), "and not on top of it");
      assertEquals(ExitReason.HALT, vm.run());
    }
  }

  @Test
  void ofThreeNmisTwoAreTaken() throws CpuException {
    try (TestVm vm = new TestVm("90 f4 f4 f4")) { // nop; hlt...
      vm.handler(2, 0x11000);
      vm.code(0x11000, "ff c1 48 cf"); // inc ecx; iretq
      for (int i = 0; i < 3; i++) {
        vm.cpu.inject(EventKind.NMI, 2, EventKind.NO_ERROR_CODE);
      }
      assertEquals(2, vm.cpu.save().pending().nmisPending());
      vm.cpu.restore(vm.cpu.save());
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals(2, vm.gpr(RCX));
    }
  }

  @Test
  void theShadowOfStiHoldsNmisAndKicksBack() throws CpuException {
    try (TestVm vm = new TestVm("fb e6 80 90 f4")) { // sti; out 80h, al; nop; hlt
      vm.cpu.step(vm.exit);
      assertTrue(vm.cpu.save().pending().stiShadow());
      vm.cpu.kick();
      assertEquals(ExitReason.PORT_WRITE, vm.run());
      assertEquals(ExitReason.KICKED, vm.run());
      assertEquals(TestVm.CODE + 3, vm.cpu.save().rip());
    }
  }

  @Test
  void aHaltThatIsSteppedDoesNotHalt() throws CpuException {
    try (TestVm vm = new TestVm("9d f4 f4")) { // popf, which sets TF; hlt
      vm.put(TestVm.STACK, 0x102);
      vm.handler(1, 0x11000);
      vm.code(0x11000, "5b f4"); // pop rbx; hlt
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals(TestVm.CODE + 2, vm.gpr(RBX), "behind the first HLT");
      assertEquals(0x11002, vm.cpu.save().rip());
    }
  }

  @Test
  void cpuidShowsWhetherTheLocalApicIsEnabled() throws CpuException {
    try (TestVm vm = new TestVm("b8 01000000 0f a2 f4")) { // mov eax, 1; cpuid; hlt
      vm.cpu.localApicEnabled(false);
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals(0, vm.gpr(RDX) & 1 << 9);
      vm.cpu.localApicEnabled(true);
      vm.cpu.restore(vm.state().build());
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals(1 << 9, vm.gpr(RDX) & 1 << 9);
    }
  }

  @Test
  void refusedMsrsGiveTheGuestGp() throws CpuException {
    try (TestVm vm = new TestVm("b9 1b000000 0f 32 f4")) { // mov ecx, 1Bh; rdmsr; hlt
      vm.handler(13, 0x11000);
      vm.code(0x11000, "5b f4"); // pop rbx; hlt
      assertEquals(ExitReason.MSR_READ, vm.run());
      assertEquals(0x1b, vm.exit.address);
      vm.exit.refused = true;
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals(0, vm.gpr(RBX), "error code");
    }
    try (TestVm vm = new TestVm("b9 1b000000 0f 32 f4")) {
      vm.run();
      vm.exit.value = 0x1_fee00900L;
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals(0xfee00900L, vm.gpr(RAX));
      assertEquals(1, vm.gpr(RDX));
    }
  }

  @Test
  void faultsWithoutAHandlerEndInATripleFault() throws CpuException {
    try (TestVm vm = new TestVm("0f 0b")) { // ud2
      assertEquals(ExitReason.TRIPLE_FAULT, vm.run());
      assertEquals(TestVm.CODE, vm.cpu.save().rip());
    }
  }

  @Test
  void aKickIsNotLost() throws CpuException {
    try (TestVm vm = new TestVm("eb fe")) { // jmp $
      vm.cpu.kick();
      assertEquals(ExitReason.KICKED, vm.run());
      for (int i = 0; i < 200; i++) {
        Thread kicker = Thread.ofPlatform().start(vm.cpu::kick);
        assertEquals(ExitReason.KICKED, vm.run());
        assertDoesNotThrowOnJoin(kicker);
      }
    }
  }

  private static void assertDoesNotThrowOnJoin(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void singleSteps() throws CpuException {
    try (TestVm vm = new TestVm("b8 01000000 0f a2 ff c0 f4")) { // mov eax, 1; cpuid; inc eax; hlt
      for (long rip : new long[]{5, 7, 9}) {
        vm.cpu.step(vm.exit);
        assertEquals(ExitReason.DEBUG, vm.exit.reason);
        assertEquals(TestVm.CODE + rip, vm.cpu.save().rip());
      }
      vm.cpu.step(vm.exit);
      assertEquals(ExitReason.HALT, vm.exit.reason);
    }
  }

  @Test
  void selfModifyingCodeIsSeenByTheNextInstruction() throws CpuException {
    // mov byte [rip+1], 2 (the immediate of the next instruction); mov eax, 1; hlt
    try (TestVm vm = new TestVm("c6 05 01000000 02 b8 01000000 f4")) {
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals(2, vm.gpr(RAX));
    }
  }

  @Test
  void writesFromOutsideAreSeen() throws CpuException {
    try (TestVm vm = new TestVm("b8 01000000 f4")) {
      vm.run();
      vm.code(TestVm.CODE, "b8 07000000 f4");
      VcpuStateBuilder again = new VcpuStateBuilder(vm.cpu.save());
      again.rip = TestVm.CODE;
      vm.cpu.restore(again.build());
      vm.run();
      assertEquals(7, vm.gpr(RAX));
    }
  }

  @Test
  void stateSurvivesSaveAndRestore() throws CpuException {
    try (TestVm vm = new TestVm("f4")) {
      VcpuStateBuilder b = vm.state();
      for (int i = 0; i < 16; i++) {
        b.gpr.set(i, 0x1111111111111111L * i);
      }
      b.cr2 = 0x1234;
      b.cr8 = 5;
      b.rflags = 0xad7;
      b.debug.set(0, 0x77L);
      b.xsave[160] = 42;
      vm.cpu.restore(b.build());
      VcpuState saved = vm.cpu.save();
      assertEquals(b.build().gpr(), saved.gpr());
      assertEquals(b.build().segments(), saved.segments());
      assertEquals(0x1234, saved.cr2());
      assertEquals(5, saved.cr8());
      assertEquals(0xad7, saved.rflags());
      assertEquals(42, saved.xsave()[160]);
      vm.cpu.restore(saved);
      assertEquals(saved.msrs(), vm.cpu.save().msrs());
    }
  }

  @Test
  void impossibleStatesAreRefused() throws CpuException {
    try (TestVm vm = new TestVm("f4")) {
      VcpuStateBuilder b = vm.state();
      b.rflags = 1L << 40;
      assertThrows(CpuException.class, () -> vm.cpu.restore(b.build()));
      VcpuStateBuilder paging = vm.state();
      paging.cr0 = 0x80000000L; // PG without PE
      paging.efer = 0;
      vm.cpu.restore(paging.build());
      assertEquals(ExitReason.INTERNAL_ERROR, vm.run());
      assertTrue(vm.exit.message.contains("CR0.PG without CR0.PE"), vm.exit.message);
      assertEquals(0x80000021L, vm.vmcs("Exit reason"));
    }
  }

  @Test
  void aMillionInstructionsAllocateNothing() throws CpuException {
    // mov ecx, 300000; again: add [rsp], rax; push rcx; pop rdx; dec ecx; jnz again; hlt
    String program = "b9 e0930400 48 01 04 24 51 5a ff c9 75 f6 f4";
    try (TestVm vm = new TestVm(program)) {
      VcpuState start = vm.cpu.save();
      for (int i = 0; i < 3; i++) {
        assertEquals(ExitReason.HALT, vm.run());
        vm.cpu.restore(start);
      }
      long before = vm.cpu.instructions();
      var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      long allocated = threads.getCurrentThreadAllocatedBytes();
      assertEquals(ExitReason.HALT, vm.run());
      allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
      assertTrue(vm.cpu.instructions() - before > 1_000_000);
      assertEquals(0, allocated, 2048, "bytes");
    }
  }
}
