/*
 * The host's processor as an oracle: executes single instructions with given registers, flags and memory, and reports what they left.
 *
 * Standard input and output carry records of fixed size (struct state), one answer for each question. Linux on x86-64 only.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ucontext.h>

#define STATE  0x20000000UL
#define DATA   0x10000000UL
#define CODE   0x30000000UL
#define EXIT   0x30000800UL
#define DATA_SIZE 256

struct state {
  uint64_t gpr[16];
  uint64_t flags;
  uint64_t signal;          /* 0, or the signal that ended it */
  uint64_t xmm[32];
  uint64_t mxcsr;
  uint64_t host_rsp;
  uint8_t code[16];
  uint64_t length;
  uint8_t data[DATA_SIZE];
};

static struct state *const state = (struct state *)STATE;
static sigjmp_buf after_fault;
extern void oracle_enter(void);
extern char oracle_exit[], oracle_exit_end[];

/* Offsets: gpr 0, flags 128, signal 136, xmm 144, mxcsr 400, host_rsp 408. */
__asm__(
    ".globl oracle_enter\noracle_enter:\n"
    "push %rbx\npush %rbp\npush %r12\npush %r13\npush %r14\npush %r15\n"
    "mov %rsp, 0x20000198\n"
    "ldmxcsr 0x20000190\n"
    "movdqu 0x20000090, %xmm0\nmovdqu 0x200000a0, %xmm1\nmovdqu 0x200000b0, %xmm2\nmovdqu 0x200000c0, %xmm3\n"
    "movdqu 0x200000d0, %xmm4\nmovdqu 0x200000e0, %xmm5\nmovdqu 0x200000f0, %xmm6\nmovdqu 0x20000100, %xmm7\n"
    "movdqu 0x20000110, %xmm8\nmovdqu 0x20000120, %xmm9\nmovdqu 0x20000130, %xmm10\nmovdqu 0x20000140, %xmm11\n"
    "movdqu 0x20000150, %xmm12\nmovdqu 0x20000160, %xmm13\nmovdqu 0x20000170, %xmm14\nmovdqu 0x20000180, %xmm15\n"
    "push 0x20000080\npopfq\n"
    "mov 0x20000000, %rax\nmov 0x20000008, %rcx\nmov 0x20000010, %rdx\nmov 0x20000018, %rbx\n"
    "mov 0x20000020, %rsp\nmov 0x20000028, %rbp\nmov 0x20000030, %rsi\nmov 0x20000038, %rdi\n"
    "mov 0x20000040, %r8\nmov 0x20000048, %r9\nmov 0x20000050, %r10\nmov 0x20000058, %r11\n"
    "mov 0x20000060, %r12\nmov 0x20000068, %r13\nmov 0x20000070, %r14\nmov 0x20000078, %r15\n"
    ".byte 0xff, 0x24, 0x25\n.long 0x20000300\n" /* jmp *0x20000300 */
    "oracle_exit:\n"
    "mov %rax, 0x20000000\nmov %rcx, 0x20000008\nmov %rdx, 0x20000010\nmov %rbx, 0x20000018\n"
    "mov %rsp, 0x20000020\nmov %rbp, 0x20000028\nmov %rsi, 0x20000030\nmov %rdi, 0x20000038\n"
    "mov %r8, 0x20000040\nmov %r9, 0x20000048\nmov %r10, 0x20000050\nmov %r11, 0x20000058\n"
    "mov %r12, 0x20000060\nmov %r13, 0x20000068\nmov %r14, 0x20000070\nmov %r15, 0x20000078\n"
    "mov 0x20000198, %rsp\npushfq\npop 0x20000080\ncld\n"
    "movdqu %xmm0, 0x20000090\nmovdqu %xmm1, 0x200000a0\nmovdqu %xmm2, 0x200000b0\nmovdqu %xmm3, 0x200000c0\n"
    "movdqu %xmm4, 0x200000d0\nmovdqu %xmm5, 0x200000e0\nmovdqu %xmm6, 0x200000f0\nmovdqu %xmm7, 0x20000100\n"
    "movdqu %xmm8, 0x20000110\nmovdqu %xmm9, 0x20000120\nmovdqu %xmm10, 0x20000130\nmovdqu %xmm11, 0x20000140\n"
    "movdqu %xmm12, 0x20000150\nmovdqu %xmm13, 0x20000160\nmovdqu %xmm14, 0x20000170\nmovdqu %xmm15, 0x20000180\n"
    "stmxcsr 0x20000190\n"
    "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbp\npop %rbx\nret\n"
    "oracle_exit_end:\n");

static void fault(int number, siginfo_t *info, void *context) {
  (void)info;
  static const int order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
  for (int i = 0; i < 16; i++) state->gpr[i] = (uint64_t)regs[order[i]];
  state->flags = (uint64_t)regs[REG_EFL];
  state->signal = (uint64_t)number;
  siglongjmp(after_fault, 1);
}

static void *map(unsigned long address, size_t size, int protection) {
  void *p = mmap((void *)address, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (p != (void *)address) {
    perror("oracle: mmap");
    _Exit(1);
  }
  return p;
}

int main(void) {
  static char alternate[65536];
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  int signals[] = {SIGSEGV, SIGFPE, SIGILL, SIGBUS, SIGTRAP};
  map(STATE, 4096, PROT_READ | PROT_WRITE);
  uint8_t *data = map(DATA, 65536, PROT_READ | PROT_WRITE);
  uint8_t *code = map(CODE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
  sigaltstack(&stack, NULL);
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
  *(uint64_t *)(STATE + 0x300) = CODE;
  struct state question;
  while (fread(&question, sizeof question, 1, stdin) == 1) {
    memcpy(state, &question, sizeof question);
    *(uint64_t *)(STATE + 0x300) = CODE;
    memcpy(data + 0x1000, question.data, DATA_SIZE);
    memset(code, 0xcc, 64);
    memcpy(code, question.code, question.length);
    code[question.length] = 0xff; /* jmp *[rip + 0] */
    code[question.length + 1] = 0x25;
    memset(code + question.length + 2, 0, 4);
    uint64_t target = (uint64_t)oracle_exit;
    memcpy(code + question.length + 6, &target, 8);
    state->signal = 0;
    if (sigsetjmp(after_fault, 1) == 0) oracle_enter();
    struct state answer = *state;
    memcpy(answer.data, data + 0x1000, DATA_SIZE);
    fwrite(&answer, sizeof answer, 1, stdout);
    fflush(stdout);
  }
  return 0;
}
