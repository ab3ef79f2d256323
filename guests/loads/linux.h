/*
 * Linux's system calls on x86-64, as far as the loads need them.
 */
#ifndef LINUX_H
#define LINUX_H

enum {
  SYS_READ = 0,
  SYS_WRITE = 1,
  SYS_OPEN = 2,
  SYS_CLOSE = 3,
  SYS_MMAP = 9,
  SYS_MUNMAP = 11,
  SYS_IOCTL = 16,
  SYS_PIPE = 22,
  SYS_SCHED_YIELD = 24,
  SYS_MADVISE = 28,
  SYS_GETPID = 39,
  SYS_FORK = 57,
  SYS_EXECVE = 59,
  SYS_EXIT = 60,
  SYS_WAIT4 = 61,
  SYS_KILL = 62,
  SYS_SYSLOG = 103,
  SYS_REBOOT = 169,
  SYS_IOPL = 172,
  SYS_SCHED_SETAFFINITY = 203,
  SYS_SCHED_GETAFFINITY = 204,
  SYS_CLOCK_GETTIME = 228,

  O_RDWR = 2,
  O_SYNC = 04010000,
  PROT_READ = 1,
  PROT_WRITE = 2,
  MAP_SHARED = 1,
  MAP_PRIVATE = 2,
  MAP_ANONYMOUS = 0x20,
  MADV_NOHUGEPAGE = 15,
  CLOCK_MONOTONIC = 1,
  TCSBRK = 0x5409,
  SIGKILL = 9,
  SYSLOG_CONSOLE_LEVEL = 8,
};

/* reboot(2) */
#define REBOOT_MAGIC1 0xFEE1DEADu
#define REBOOT_MAGIC2 672274793u
#define REBOOT_POWER_OFF 0x4321FEDCu

static inline long call6(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

static inline long call0(long number) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number) : "rcx", "r11", "memory");
  return result;
}

static inline long call3(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}

static inline long call4(long number, long a, long b, long c, long d) {
  return call6(number, a, b, c, d, 0, 0);
}

static inline void quit(int status) {
  for (;;) {
    call3(SYS_EXIT, status, 0, 0);
  }
}

#endif
