package org.sallyport.cpu.vmx.vmx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuStateBuilder;
import org.sallyport.api.cpu.VmExit;

/** Several processors on the same memory: locked operations, memory order (SDM volume 3, chapter 9), code changed by another one. */
@Timeout(120)
class SmpTest {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RSP = 4;
  private static final int RSI = 6;
  private static final int RDI = 7;
  private static final long DATA = 0x20000;

  /** What each processor starts with: code, and its registers. */
  private record Start(String code, Consumer<VcpuStateBuilder> registers) {}

  private static Start start(String code, Consumer<VcpuStateBuilder> registers) {
    return new Start(code, registers);
  }

  @Test
  void lockedOperationsLoseNothing() throws Exception {
    // One of each kind, aligned, inside eight aligned bytes, across them and across a cache line.
    String loop = "f066ff4706" // again: lock inc word [rdi+6]
        + "f083471601" // lock add dword [rdi+0x16], 1
        + "f0fe4721" // lock inc byte [rdi+0x21]
        + "b801000000 f0480fc14728" // mov eax, 1; lock xadd [rdi+0x28], rax
        + "f048ff473c" // lock inc qword [rdi+0x3c]
        + "b001 864750 84c0 7404 f390 ebf3" // spin: mov al, 1; xchg al, [rdi+0x50]; test al, al; jz; pause; jmp spin
        + "48ff4758 c6475000" // inc qword [rdi+0x58]; mov byte [rdi+0x50], 0
        + "488b4760 488b5768" // mov rax, [rdi+0x60]; mov rdx, [rdi+0x68]
        + "488d5801 4989c8 488d4a02" // retry: lea rbx, [rax+1]; mov r8, rcx; lea rcx, [rdx+2]
        + "f0480fc74f60 4c89c1 75ea" // lock cmpxchg16b [rdi+0x60]; mov rcx, r8; jnz retry
        + "f00fba7f7003" // lock btc dword [rdi+0x70], 3
        + "48ffc9 75a4 f4"; // dec rcx; jnz again; hlt
    int cpus = 4;
    long count = 60_000;
    List<Start> starts = new ArrayList<>();
    for (int i = 0; i < cpus; i++) {
      starts.add(start(loop, b -> b.gpr.set(RCX, count)));
    }
    try (TestVm vm = run(starts)) {
      long all = cpus * count;
      assertEquals(all & 0xffff, vm.ram.get(ValueLayout.JAVA_SHORT_UNALIGNED, DATA + 6) & 0xffff, "inc word");
      assertEquals(all, vm.ram.get(ValueLayout.JAVA_INT_UNALIGNED, DATA + 0x16), "add dword");
      assertEquals((byte) all, vm.ram.get(ValueLayout.JAVA_BYTE, DATA + 0x21), "inc byte");
      assertEquals(all, get(vm, 0x28), "xadd");
      assertEquals(all, get(vm, 0x3c), "inc qword");
      assertEquals(all, get(vm, 0x58), "spin lock");
      assertEquals(all, get(vm, 0x60), "cmpxchg16b, low");
      assertEquals(2 * all, get(vm, 0x68), "cmpxchg16b, high");
      assertEquals(0, get(vm, 0x70), "btc");
    }
  }

  @Test
  void storesAreSeenInTheirOrder() throws Exception {
    long count = 3_000_000;
    // loop: inc rax; mov [rdi], rax; mov [rdi+0x1040], rax; cmp rax, rcx; jb loop; hlt
    Start writer = start("48ffc0 488907 48898740100000 4839c8 72ee f4", b -> b.gpr.set(RCX, count));
    // loop: mov rax, [rdi+0x1040]; mov rbx, [rdi]; cmp rbx, rax; jae ok; inc rdx; ok: cmp rax, rcx; jb loop; hlt
    Start reader = start("488b8740100000 488b1f 4839c3 7303 48ffc2 4839c8 72e9 f4", b -> {
      b.gpr.set(RCX, count);
      b.gpr.set(RDX, 0L);
    });
    try (TestVm vm = run(List.of(writer, reader))) {
      assertEquals(0, vm.cluster.cpu(1).save().gpr().get(RDX), "the second store was seen before the first");
    }
  }

  @Test
  void codeThatAnotherChangesIsSeen() throws Exception {
    long count = 20_000;
    long function = TestVm.CODE + 0x8000;
    // loop: inc eax; mov [rsi], eax; mov [rdi], eax; wait: pause; cmp [rdi+0x40], eax; jne wait; cmp eax, r9d; jb loop; hlt
    Start patcher = start("ffc0 8906 8907 f390 394740 75f9 4439c8 72ee f4", b -> {
      b.gpr.set(RAX, 0L);
      b.gpr.set(RSI, function + 1);
      b.gpr.set(9, count);
    });
    // loop: mov r8d, [rdi]; xor eax, eax; cpuid; call r10; cmp eax, r8d; jae ok; inc r12; ok: mov [rdi+0x40], r8d; cmp r8d, r9d; jb loop; hlt
    Start caller = start("448b07 31c0 0fa2 41ffd2 4439c0 7303 49ffc4 44894740 4539c8 72e5 f4", b -> {
      b.gpr.set(9, count);
      b.gpr.set(10, function);
      b.gpr.set(12, 0L);
    });
    try (TestVm vm = prepare(List.of(patcher, caller))) {
      vm.code(function, "b8 00000000 c3"); // mov eax, 0; ret
      go(vm, 2);
      assertEquals(0, vm.cluster.cpu(1).save().gpr().get(12), "stale code ran");
    }
  }

  private static long get(TestVm vm, int at) {
    return vm.ram.get(ValueLayout.JAVA_LONG_UNALIGNED, DATA + at);
  }

  private static TestVm run(List<Start> starts) throws Exception {
    TestVm vm = prepare(starts);
    go(vm, starts.size());
    return vm;
  }

  private static TestVm prepare(List<Start> starts) throws CpuException {
    TestVm vm = new TestVm(starts.size(), "f4");
    for (int i = 0; i < starts.size(); i++) {
      long code = TestVm.CODE + 0x1000L * i;
      vm.code(code, starts.get(i).code());
      VcpuStateBuilder state = vm.state();
      state.rip = code;
      state.gpr.set(RSP, TestVm.STACK - 0x1000L * i);
      state.gpr.set(RDI, DATA);
      starts.get(i).registers().accept(state);
      vm.cluster.cpu(i).restore(state.build());
    }
    return vm;
  }

  /** Runs all processors until each halts. */
  private static void go(TestVm vm, int cpus) throws InterruptedException {
    AtomicReference<Object> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < cpus; i++) {
      var cpu = vm.cluster.cpu(i);
      threads.add(Thread.ofPlatform().start(() -> {
        VmExit exit = new VmExit();
        try {
          do {
            cpu.run(exit);
            if (exit.reason == ExitReason.PAUSE) {
              Thread.yield();
            }
          } while (exit.reason == ExitReason.PAUSE);
          if (exit.reason != ExitReason.HALT) {
            failure.set(exit.reason + " " + exit.message);
          }
        } catch (RuntimeException e) {
          failure.set(e);
        }
      }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(null, failure.get());
  }
}
