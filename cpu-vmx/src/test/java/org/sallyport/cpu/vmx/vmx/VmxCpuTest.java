package org.sallyport.cpu.vmx.vmx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.EventKind;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.SegmentState;
import org.sallyport.api.cpu.TableState;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuState.PendingEvents;
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

  /** The gate comes from memory that is no RAM: the delivery leaves, and begins again with the same event. */
  @Test
  void anEventWhoseDeliveryLeavesKeepsItsErrorCode() throws CpuException {
    try (TestVm vm = new TestVm("8e d8")) { // mov ds, eax
      VcpuStateBuilder b = vm.protectedMode(0);
      b.idtr = new TableState(TestVm.NOWHERE, 0xff);
      b.gpr.set(RAX, 0x7f8L); // beyond the GDT
      vm.cpu.restore(b.build());
      vm.code(0x11000, "5b e6 80"); // pop ebx; out 80h, al
      assertEquals(ExitReason.MEMORY_READ, vm.run());
      assertEquals(TestVm.NOWHERE + 8 * 13, vm.exit.address);
      vm.exit.value = 0x11000 & 0xffff | 8L << 16 | 0x8e00L << 32 | 1L << 48;
      assertEquals(ExitReason.PORT_WRITE, vm.run());
      assertEquals(0x7f8, vm.gpr(RBX));
    }
  }

  /** Real mode pushes no error code, nor does an event that is injected there have one. */
  @Test
  void anEventOfRealModeWhoseDeliveryLeavesHasNoErrorCode() throws CpuException {
    try (TestVm vm = new TestVm("a1 ff ff")) { // mov ax, [FFFFh], which is beyond the limit
      VcpuStateBuilder b = vm.state();
      b.flat(new SegmentState(0x1000, TestVm.CODE, 0xffff, 0x93), new SegmentState(0, 0, 0xffff, 0x93));
      b.cr0 = 0x10;
      b.cr4 = 0;
      b.efer = 0;
      b.rip = 0;
      b.idtr = new TableState(TestVm.NOWHERE, 0x3ff);
      b.gpr.set(4, 0x8000L);
      vm.cpu.restore(b.build());
      vm.code(0x11000, "5b e6 80"); // pop bx; out 80h, al
      assertEquals(ExitReason.MEMORY_READ, vm.run());
      assertEquals(TestVm.NOWHERE + 4 * 13, vm.exit.address);
      vm.exit.value = 0x1100_0000;
      assertEquals(ExitReason.PORT_WRITE, vm.run());
      assertEquals(0, vm.gpr(RBX), "the instruction pointer");
      assertEquals(0x7ffc, vm.gpr(4));
    }
  }

  @Test
  void realModeHasPrivilegeLevelZero() throws CpuException {
    try (TestVm vm = new TestVm("f4")) {
      VcpuStateBuilder b = vm.protectedMode(3);
      b.cr0 = 0x10;
      vm.cpu.restore(b.build());
      assertEquals(ExitReason.INTERNAL_ERROR, vm.run());
      assertTrue(vm.exit.message.endsWith("DPL of SS"), vm.exit.message);
    }
  }

  /** Each state but for one thing; what is refused must not have changed the processor. */
  @Test
  void aRefusedStateChangesNothing() throws CpuException {
    try (TestVm vm = new TestVm("f4")) {
      VcpuState before = vm.cpu.save();
      refused(vm, b -> b.cr8 = 16, "CR8");
      refused(vm, b -> b.ssp = 2, "SSP");
      refused(vm, b -> b.pending = new PendingEvents(false, false, false, 3, -1, 0), "events");
      refused(vm, b -> b.pending = new PendingEvents(false, false, false, 0, 256, 0), "events");
      refused(vm, b -> b.xsave[513] = 2, "XSAVE"); // PKRU, far behind the end
      refused(vm, b -> b.msrs.put(0x277, 0x14182L), "MSR 0x277"); // PAT with a memory type that there is not
      refused(vm, b -> b.msrs.put(0xc0000082, 1L << 62), "MSR 0xc0000082"); // LSTAR that is not canonical
      vm.put(0x5000, 1 | 1 << 1); // RW is reserved in a PDPTE
      refused(vm, b -> {
        b.efer = 0;
        b.cr3 = 0x5000;
      }, "PDPTEs at 0x5000");
      VcpuState after = vm.cpu.save();
      assertEquals(before.gpr(), after.gpr());
      assertEquals(before.msrs(), after.msrs());
      assertEquals(before.cr3(), after.cr3());
      assertEquals(before.efer(), after.efer());
      assertArrayEquals(before.xsave(), after.xsave());
      assertEquals(ExitReason.HALT, vm.run());
    }
  }

  private static void refused(TestVm vm, Consumer<VcpuStateBuilder> change, String why) {
    VcpuStateBuilder b = vm.state();
    b.xsave = java.util.Arrays.copyOf(b.xsave, 576);
    b.gpr.set(RBX, 0x5555L);
    change.accept(b);
    String message = assertThrows(CpuException.class, () -> vm.cpu.restore(b.build())).getMessage();
    assertTrue(message.contains(why), message);
  }

  /** Save and restore in the midst of a program that has spoilt its PDPTEs: refused, and the program goes on with those it has loaded. */
  @Test
  void aTableOfPdptesThatHasBeenSpoiltIsToldWhenTheStateIsRestored() throws CpuException {
    try (TestVm vm = new TestVm("c6 05 00500000 ff f4 f4")) { // mov byte [5000h], FFh; hlt; hlt
      vm.put(0x5000, 0x6001);
      vm.put(0x6000, 0x83);
      VcpuStateBuilder b = vm.state();
      b.flat(new SegmentState(8, 0, -1, 0xc09b), new SegmentState(16, 0, -1, 0xc093));
      b.efer = 0;
      b.cr3 = 0x5000;
      vm.cpu.restore(b.build());
      assertEquals(ExitReason.HALT, vm.run());
      VcpuState saved = vm.cpu.save();
      assertThrows(CpuException.class, () -> vm.cpu.restore(saved));
      assertEquals(ExitReason.HALT, vm.run());
      assertEquals(TestVm.CODE + 9, vm.cpu.save().rip());
    }
  }

  /**
   * A program at level 3 whose stack is not aligned, alignment checks on, and a handler of #AC at level 3: pushing the frame is #AC again,
   * for ever.
   */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void alignmentChecksForEverEndWithAKick() throws CpuException {
    try (TestVm vm = userProgram("8b 04 24 f4")) { // mov eax, [esp]; hlt
      for (int i = 0; i < 20; i++) {
        Thread kicker = Thread.ofPlatform().start(vm.cpu::kick);
        assertEquals(ExitReason.KICKED, vm.run());
        assertDoesNotThrowOnJoin(kicker);
        assertEquals(TestVm.CODE, vm.cpu.save().rip());
        assertEquals(TestVm.STACK + 1, vm.gpr(4));
      }
      vm.cpu.step(vm.exit);
      VcpuStateBuilder aligned = new VcpuStateBuilder(vm.cpu.save());
      aligned.gpr.set(4, TestVm.STACK);
      vm.cpu.restore(aligned.build());
      vm.handler32(13, 0x11000, 3);
      vm.code(0x11000, "b0 77 e6 80"); // mov al, 77h; out 80h, al, which level 3 may do
      while (vm.run() == ExitReason.KICKED) {} // a kick may be told twice
      assertEquals(ExitReason.PORT_WRITE, vm.exit.reason, "HLT is #GP");
      assertEquals(0x77, vm.exit.value);
    }
  }

  /** #AC leaves for the monitor, which gives it back: the guest sees nothing of that. */
  @Test
  void alignmentChecksReachTheirHandler() throws CpuException {
    try (TestVm vm = userProgram("67 8b 45 01 f4")) { // mov eax, [di+1]
      VcpuStateBuilder b = new VcpuStateBuilder(vm.cpu.save());
      b.gpr.set(4, TestVm.STACK);
      vm.cpu.restore(b.build());
      vm.code(0x11000, "58 5b e6 80"); // pop eax; pop ebx; out 80h, al
      assertEquals(ExitReason.PORT_WRITE, vm.run());
      assertEquals(0, vm.gpr(RAX), "error code");
      assertEquals(TestVm.CODE, vm.gpr(RBX));
      vm.cpu.restore(b.build());
      vm.cpu.step(vm.exit);
      assertEquals(ExitReason.DEBUG, vm.exit.reason);
      assertEquals(0x11000, vm.cpu.save().rip(), "a step ends at the handler");
    }
  }

  /** In 32-bit code at level 3 with IOPL 3, the stack not aligned, alignment checks on, #AC to level 3 at 11000h. */
  private static TestVm userProgram(String hex) throws CpuException {
    TestVm vm = new TestVm(hex);
    VcpuStateBuilder b = vm.protectedMode(3);
    b.cr0 |= 1 << 18;
    b.rflags |= 1 << 18 | 3 << 12;
    b.gpr.set(4, TestVm.STACK + 1);
    vm.handler32(17, 0x11000, 3);
    vm.cpu.restore(b.build());
    return vm;
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
