package org.sallyport.cpu.vmx.simd;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The machine's own processor as an oracle: a C program, compiled when it is needed, that loads registers and MXCSR, executes one
 * instruction given as bytes, and tells what the registers are then, or which signal came.
 */
final class NativeProcessor {
  private static final String PROGRAM =
      """
          #define _GNU_SOURCE
          #include <setjmp.h>
          #include <signal.h>
          #include <stdint.h>
          #include <stdio.h>
          #include <stdlib.h>
          #include <string.h>
          #include <sys/mman.h>
          #include <ucontext.h>

          struct state {
            uint64_t xmm[6];
            uint64_t mm[3];
            uint64_t unused;
            uint64_t mem[2];
            uint64_t rax, rcx, rdx;
            uint32_t mxcsr, flags;
            uint32_t trap, length;
            uint8_t code[16];
            uint64_t unused2;
          } __attribute__((aligned(16)));

          void run(struct state *s, void *code);

          asm(
              ".text\\n"
              "run:\\n"
              "  push %rbx; push %rbp; push %r12; push %r13; push %r14\\n"
              "  mov %rdi, %r12; mov %rsi, %r13\\n"
              "  lea 80(%r12), %rbx\\n"
              "  movdqu (%r12), %xmm0; movdqu 16(%r12), %xmm1; movdqu 32(%r12), %xmm2\\n"
              "  movq 48(%r12), %mm0; movq 56(%r12), %mm1; movq 64(%r12), %mm2\\n"
              "  mov 96(%r12), %rax; mov 104(%r12), %rcx; mov 112(%r12), %rdx\\n"
              "  push $2; popf\\n"
              "  ldmxcsr 120(%r12)\\n"
              "  call *%r13\\n"
              "  stmxcsr 120(%r12)\\n"
              "  pushf; popq %r14; mov %r14d, 124(%r12)\\n"
              "  movdqu %xmm0, (%r12); movdqu %xmm1, 16(%r12); movdqu %xmm2, 32(%r12)\\n"
              "  movq %mm0, 48(%r12); movq %mm1, 56(%r12); movq %mm2, 64(%r12)\\n"
              "  mov %rax, 96(%r12); mov %rcx, 104(%r12); mov %rdx, 112(%r12)\\n"
              "  emms; push $0x1f80; ldmxcsr (%rsp); pop %rax\\n"
              "  pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\\n"
              "  ret\\n");

          static sigjmp_buf back;
          static struct state *now;

          static void caught(int signal, siginfo_t *info, void *context) {
            ucontext_t *u = context;
            now->trap = signal;
            now->mxcsr = u->uc_mcontext.fpregs->mxcsr;
            siglongjmp(back, 1);
          }

          int main(int argc, char **argv) {
            uint32_t plain = 0x1f80;
            size_t size = 0, count;
            FILE *in = fopen(argv[1], "rb");
            fseek(in, 0, SEEK_END);
            size = ftell(in);
            rewind(in);
            struct state *all = aligned_alloc(64, (size + 63) & ~(size_t) 63);
            if (fread(all, 1, size, in) != size) return 2;
            count = size / sizeof *all;
            uint8_t *code = mmap(0, count * 32 + 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (code == MAP_FAILED) return 3;
            for (size_t i = 0; i < count; i++) {
              memcpy(code + 32 * i, all[i].code, all[i].length);
              code[32 * i + all[i].length] = 0xc3;
            }
            struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO};
            sigaction(SIGFPE, &action, 0);
            sigaction(SIGILL, &action, 0);
            sigaction(SIGSEGV, &action, 0);
            for (volatile size_t i = 0; i < count; i++) {
              now = all + i;
              if (sigsetjmp(back, 1)) {
                asm volatile("emms; ldmxcsr %0" : : "m"(plain));
              } else {
                run(now, code + 32 * i);
              }
            }
            return fwrite(all, 1, size, stdout) == size ? 0 : 4;
          }
          """;

  private NativeProcessor() {}

  /** Why there is no oracle, or null if there is one. */
  static String missing() {
    String architecture = System.getProperty("os.arch");
    if (!architecture.equals("amd64") && !architecture.equals("x86_64")) {
      return "this machine is no x86-64 machine but " + architecture;
    }
    try {
      Process process = new ProcessBuilder("gcc", "--version").redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? null : "gcc does not run";
    } catch (IOException e) {
      return "no gcc on this machine: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /** Executes each case and replaces it by what comes out. */
  static void execute(List<VectorState> cases) {
    try {
      Path folder = Files.createTempDirectory("simd");
      try {
        execute(cases, folder);
      } finally {
        for (String name : List.of("oracle", "oracle.c", "cases")) {
          Files.deleteIfExists(folder.resolve(name));
        }
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void execute(List<VectorState> cases, Path folder) throws IOException, InterruptedException {
    Path source = Files.writeString(folder.resolve("oracle.c"), PROGRAM);
    Path program = folder.resolve("oracle");
    Process compiler = new ProcessBuilder("gcc", "-O1", "-w", "-o", program.toString(), source.toString())
        .redirectErrorStream(true).start();
    String messages = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (compiler.waitFor() != 0) {
      throw new IOException("gcc: " + messages);
    }
    Path file = folder.resolve("cases");
    ByteBuffer buffer = ByteBuffer.allocate(VectorState.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (OutputStream out = new java.io.BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      for (VectorState s : cases) {
        s.write(buffer.clear());
        out.write(buffer.array());
      }
    }
    Process process = new ProcessBuilder(program.toString(), file.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    byte[] results = process.getInputStream().readAllBytes();
    if (process.waitFor() != 0 || results.length != cases.size() * VectorState.BYTES) {
      throw new IOException("the oracle ended with " + process.exitValue() + " after " + results.length + " bytes");
    }
    ByteBuffer all = ByteBuffer.wrap(results).order(ByteOrder.LITTLE_ENDIAN);
    for (VectorState s : cases) {
      s.read(all);
    }
  }
}
