/*
 * The host's processor as an oracle: executes one instruction from a given state, in 64-, 32- or 16-bit code, and tells the state
 * after it, or the exception that it raised.
 *
 * The state goes into the processor and comes out of it by the signal frame: the program sits in its signal handler, puts the registers
 * of the next case into the frame, with the trap flag set, and returns; the trap or the fault brings it back. Linux on x86-64 only.
 * Built without a C library and as a position-independent program above 4 GiB, so that the lower 4 GiB hold what the cases see, and
 * nothing else, and the FS and GS registers are free.
 *
 * Standard input: the table of local descriptors (the count, then struct user_desc each), then questions. Standard output: what CPUID
 * says, then one answer for each question. Layout.java and NativeCpu.java are the other side.
 */
#include <stddef.h>
#include <stdint.h>
#include <asm/ldt.h>
#include <asm/signal.h>
#include <asm/siginfo.h>
#include <asm/sigcontext.h>
#include <asm/ucontext.h>
#include <asm/unistd.h>

#define PAGE      4096UL
#define DATA      0x10000000UL          /* two pages that may be written, */
#define READONLY  (DATA + 2 * PAGE)     /* then one that may be read; nothing before and behind */
#define CODE      0x30000000UL          /* one page */
#define WORDS     (2 * PAGE / 8)

enum { PATIENCE = 60 /* seconds */, FX_BYTES = 416, MAX_OVERLAY = 1024, REPEATS = 1, UC_ALL = 7 };

struct question {
  uint64_t gpr[16], rip, flags, fs_base, gs_base;
  uint16_t cs, ss, ds, es, fs, gs, code_offset, code_length;
  uint32_t overlay_offset, overlay_length, control, unused;
  uint8_t code[16];
  uint8_t fx[FX_BYTES];
};

struct answer {
  uint64_t gpr[16], rip, flags, fs_base, gs_base;
  uint16_t cs, ss, ds, es, fs, gs, unused[2];
  uint32_t trap, error;
  uint64_t fault_address, changes;
  uint8_t fx[FX_BYTES];
};

struct change { uint64_t index, value; };

static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}

static _Noreturn void leave(int status) {
  for (;;) call(__NR_exit_group, status, 0, 0, 0, 0, 0);
}

static void need(long result, int step) {
  if (result < 0) leave(100 + step);
}

/* ---- input and output, buffered ------------------------------------------------------------------------------------------------- */

static uint8_t in[1 << 18], out[1 << 18];
static size_t in_at, in_end, out_end;

static void flush(void) {
  for (size_t at = 0; at < out_end;) {
    long n = call(__NR_write, 1, (long)(out + at), (long)(out_end - at), 0, 0, 0);
    if (n <= 0) leave(1);
    at += (size_t)n;
  }
  out_end = 0;
}

static void copy(void *to, const void *from, size_t n) {
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static void fill(void *to, int value, size_t n) {
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(value) : "memory");
}

static void take(void *to, size_t n) {
  uint8_t *target = to;
  while (n > 0) {
    if (in_at == in_end) {
      flush();
      call(__NR_alarm, 0, 0, 0, 0, 0, 0);
      long got = call(__NR_read, 0, (long)in, sizeof in, 0, 0, 0);
      if (got <= 0) leave(got < 0);
      in_at = 0;
      in_end = (size_t)got;
      call(__NR_alarm, PATIENCE, 0, 0, 0, 0, 0); /* should an instruction never end */
    }
    size_t part = in_end - in_at < n ? in_end - in_at : n;
    copy(target, in + in_at, part);
    in_at += part;
    target += part;
    n -= part;
  }
}

static void give(const void *from, size_t n) {
  if (out_end + n > sizeof out) flush();
  copy(out + out_end, from, n);
  out_end += n;
}

/* ---- the cases ------------------------------------------------------------------------------------------------------------------- */

static struct question question;
static uint64_t background[3 * PAGE / 8];
static uint64_t overlay[MAX_OVERLAY / 8];
static uint64_t *const data = (uint64_t *)DATA;
static uint8_t *code;                 /* the page of code, where it can be written */
static int begun;
static uint64_t sticky_flags __attribute__((used)); /* NT and ID, which the signal frame does not carry back */

/* As Layout.background() has it. */
static void fill_background(void) {
  uint64_t x = 0x5a11e7;
  for (size_t i = 0; i < sizeof background / 8; i++) {
    x = x * 6364136223846793005UL + 1442695040888963407UL;
    background[i] = x ^ x >> 29;
  }
}

#define SELECTOR(name) ({ uint32_t s_; __asm__ volatile("mov %%" #name ", %0" : "=r"(s_)); (uint16_t)s_; })
#define SET_SELECTOR(name, value) __asm__ volatile("mov %0, %%" #name : : "r"((uint32_t)(value)))

static uint64_t expected(size_t i) {
  size_t first = question.overlay_offset / 8, end = first + question.overlay_length / 8;
  return i >= first && i < end ? overlay[i - first] : background[i];
}

static void report(struct ucontext *u) {
  static const unsigned char order[16] = {13, 14, 12, 11, 15, 10, 9, 8, 0, 1, 2, 3, 4, 5, 6, 7};
  static struct change changes[WORDS];
  const struct sigcontext *c = &u->uc_mcontext;
  const uint64_t *registers = (const uint64_t *)c; /* r8 ... r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp */
  struct answer a;
  for (int i = 0; i < 16; i++) a.gpr[i] = registers[order[i]];
  a.rip = c->rip;
  a.flags = c->eflags;
  __asm__ volatile("rdfsbase %0" : "=r"(a.fs_base));
  __asm__ volatile("rdgsbase %0" : "=r"(a.gs_base));
  a.cs = c->cs;
  a.ss = c->ss;
  a.ds = SELECTOR(ds);
  a.es = SELECTOR(es);
  a.fs = SELECTOR(fs);
  a.gs = SELECTOR(gs);
  a.trap = (uint32_t)c->trapno;
  a.error = (uint32_t)c->err;
  a.fault_address = c->cr2;
  copy(a.fx, c->fpstate, FX_BYTES);
  a.changes = 0;
  for (size_t i = 0; i < WORDS; i++) {
    if (data[i] != background[i] || i - question.overlay_offset / 8 < question.overlay_length / 8) {
      if (data[i] != expected(i)) {
        changes[a.changes].index = i;
        changes[a.changes++].value = data[i];
      }
      data[i] = background[i];
    }
  }
  give(&a, sizeof a);
  give(changes, a.changes * sizeof *changes);
}

static void prepare(struct ucontext *u) {
  struct sigcontext *c = &u->uc_mcontext;
  take(&question, sizeof question);
  if (question.overlay_length > MAX_OVERLAY || question.overlay_offset + question.overlay_length > 2 * PAGE
      || question.code_offset + question.code_length > 2 * PAGE) {
    leave(2);
  }
  take(overlay, question.overlay_length);
  copy((uint8_t *)data + question.overlay_offset, overlay, question.overlay_length);
  fill(code, 0xf4 /* HLT */, PAGE);
  size_t room = PAGE - question.code_offset;
  copy(code + question.code_offset, question.code, question.code_length < room ? question.code_length : room);
  c->rax = question.gpr[0];  c->rcx = question.gpr[1];  c->rdx = question.gpr[2];  c->rbx = question.gpr[3];
  c->rsp = question.gpr[4];  c->rbp = question.gpr[5];  c->rsi = question.gpr[6];  c->rdi = question.gpr[7];
  c->r8 = question.gpr[8];   c->r9 = question.gpr[9];   c->r10 = question.gpr[10]; c->r11 = question.gpr[11];
  c->r12 = question.gpr[12]; c->r13 = question.gpr[13]; c->r14 = question.gpr[14]; c->r15 = question.gpr[15];
  c->rip = question.rip;
  c->eflags = question.flags | 0x302; /* IF, TF */
  c->cs = question.cs;
  c->ss = question.ss;
  u->uc_flags |= UC_ALL; /* FP_XSTATE, SIGCONTEXT_SS, STRICT_RESTORE_SS */
  copy(c->fpstate, question.fx, FX_BYTES);
  *(uint64_t *)((uint8_t *)c->fpstate + 512) |= 3; /* XSTATE_BV */
  SET_SELECTOR(ds, question.ds);
  SET_SELECTOR(es, question.es);
  SET_SELECTOR(fs, question.fs);
  SET_SELECTOR(gs, question.gs);
  __asm__ volatile("wrfsbase %0" : : "r"(question.fs_base));
  __asm__ volatile("wrgsbase %0" : : "r"(question.gs_base));
  sticky_flags = 2 | (question.flags & 0x204000);
}

static void handler(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)info;
  __asm__ volatile("pushq $2\n popfq" : : : "memory", "cc"); /* AC, NT and ID are the case's */
  struct ucontext *u = context;
  if (begun) {
    const struct sigcontext *c = &u->uc_mcontext;
    if ((question.control & REPEATS) && c->trapno == 1 && c->rip == question.rip) return; /* the next iteration */
    report(u);
  }
  begun = 1;
  prepare(u);
}

void restorer(void);
__asm__(
    ".text\n"
    "restorer:\n"
    "  pushq sticky_flags(%rip)\n"
    "  popfq\n"
    "  mov $15, %eax\n" /* rt_sigreturn */
    "  syscall\n"
    "  .globl _start\n"
    "_start:\n"
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call begin\n");

struct kernel_sigaction {
  void (*handler)(int, siginfo_t *, void *);
  unsigned long flags;
  void (*restorer)(void);
  unsigned long mask;
};

static void tell_cpuid(void) {
  static const uint32_t leaves[][2] = {{0, 0}, {1, 0}, {7, 0}, {0xd, 1}, {0x80000001, 0}, {0x80000008, 0}};
  for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
    uint32_t r[4];
    __asm__("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaves[i][0]), "c"(leaves[i][1]));
    give(r, sizeof r);
  }
}

static void map(unsigned long address, size_t size, int protection, int flags, long fd) {
  need(call(__NR_mmap, (long)address, (long)size, protection, flags | 0x10 /* MAP_FIXED */, fd, 0), 1);
}

/* The stack holds the argument count, the arguments, the environment and the auxiliary vector. */
__attribute__((used)) static void begin(uint64_t *stack) {
  static uint8_t alternate[1 << 16];
  uint64_t *p = stack + 1 + *stack + 1;
  while (*p++ != 0) {}
  uint64_t capabilities = 0;
  for (; p[0] != 0; p += 2) {
    if (p[0] == 26 /* AT_HWCAP2 */) capabilities = p[1];
  }
  if (!(capabilities & 2)) leave(77); /* the kernel does not allow RDFSBASE and the like */
  fill_background();
  map(DATA, 3 * PAGE, 3, 0x22 /* MAP_PRIVATE | MAP_ANONYMOUS */, -1);
  copy(data, background, sizeof background);
  need(call(__NR_mprotect, READONLY, PAGE, 1, 0, 0, 0), 2);
  long fd = call(__NR_memfd_create, (long)"code", 0, 0, 0, 0, 0);
  need(fd, 3);
  need(call(__NR_ftruncate, fd, PAGE, 0, 0, 0, 0), 4);
  map(CODE, PAGE, 5, 1 /* MAP_SHARED */, fd);
  long alias = call(__NR_mmap, 0, PAGE, 3, 1, fd, 0);
  need(alias, 5);
  code = (uint8_t *)alias;
  uint64_t descriptors;
  take(&descriptors, sizeof descriptors);
  for (; descriptors > 0; descriptors--) {
    struct user_desc d;
    take(&d, sizeof d);
    need((int)call(__NR_modify_ldt, 0x11, (long)&d, sizeof d, 0, 0, 0), 6);
  }
  struct { void *sp; int flags; size_t size; } signal_stack = {alternate, 0, sizeof alternate};
  need(call(__NR_sigaltstack, (long)&signal_stack, 0, 0, 0, 0, 0), 7);
  struct kernel_sigaction action = {handler, SA_SIGINFO | SA_ONSTACK | 0x04000000 /* SA_RESTORER */, restorer, 0};
  static const int signals[] = {SIGSEGV, SIGFPE, SIGILL, SIGBUS, SIGTRAP};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    need(call(__NR_rt_sigaction, signals[i], (long)&action, 0, 8, 0, 0), 8);
  }
  tell_cpuid();
  __asm__ volatile("ud2");
  leave(3);
}
