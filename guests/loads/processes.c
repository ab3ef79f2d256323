/*
 * What the kernel does for programs: system calls, processes, pipes, pages, switches.
 */
#include "linux.h"
#include "loads.h"

/* ---- getpid: the shortest system call ----------------------------------------------------------------------------- */

u64 getpid_unit(void) {
  long pid = call0(SYS_GETPID);
  u64 equal = 0;
  for (u32 n = 0; n < 10000; n++) {
    equal += call0(SYS_GETPID) == pid;
  }
  return equal;
}

/* ---- fork and exit, fork and exec --------------------------------------------------------------------------------- */

/* The status with which a child exited; all ones when it did not exit by itself. */
static u64 status_of(long child) {
  int status = 0;
  if (child < 0 || call4(SYS_WAIT4, child, (long)&status, 0, 0) != child || (status & 0x7F) != 0) {
    return ~0ul;
  }
  return status >> 8 & 0xFF;
}

u64 fork_unit(void) {
  long child = call0(SYS_FORK);
  if (child == 0) {
    quit(7);
  }
  return status_of(child);
}

u64 exec_unit(void) {
  long child = call0(SYS_FORK);
  if (child == 0) {
    const char *arguments[] = {"loads", "exec", NULL};
    const char *environment[] = {NULL};
    call3(SYS_EXECVE, (long)self, (long)arguments, (long)environment);
    quit(1);
  }
  return status_of(child);
}

/* ---- pipe: a word goes to another process and comes back ---------------------------------------------------------- */

static int there[2], back[2];
static long echoing;

int pipe_prepare(void) {
  if (call3(SYS_PIPE, (long)there, 0, 0) < 0 || call3(SYS_PIPE, (long)back, 0, 0) < 0) {
    return 0;
  }
  echoing = call0(SYS_FORK);
  if (echoing == 0) {
    u64 word;
    call3(SYS_CLOSE, there[1], 0, 0);
    while (call3(SYS_READ, there[0], (long)&word, sizeof word) == sizeof word) {
      word = word * 3 + 1;
      call3(SYS_WRITE, back[1], (long)&word, sizeof word);
    }
    quit(0);
  }
  return echoing > 0;
}

u64 pipe_unit(void) {
  u64 word = 1;
  for (u32 n = 0; n < 100; n++) {
    call3(SYS_WRITE, there[1], (long)&word, sizeof word);
    if (call3(SYS_READ, back[0], (long)&word, sizeof word) != sizeof word) {
      return ~0ul;
    }
  }
  return word;
}

void pipe_finish(void) {
  for (u32 n = 0; n < 2; n++) {
    call3(SYS_CLOSE, there[n], 0, 0);
    call3(SYS_CLOSE, back[n], 0, 0);
  }
  status_of(echoing);
}

/* ---- fault: the first write to each page of 4 MiB ----------------------------------------------------------------- */

#define PAGE 4096
#define AREA (4 * MIB)

u64 fault_unit(void) {
  u8 *area = pages(AREA);
  if (area == NULL) {
    return ~0ul;
  }
  call3(SYS_MADVISE, (long)area, AREA, MADV_NOHUGEPAGE);
  u64 sum = 0;
  for (u32 at = 0; at < AREA; at += PAGE) {
    area[at + 8] = 1;
  }
  for (u32 at = 0; at < AREA; at += PAGE) {
    sum += area[at] + area[at + 8];
  }
  call3(SYS_MUNMAP, (long)area, AREA, 0);
  return sum;
}

/* ---- switch: two processes hand the processor to one another ------------------------------------------------------- */

static volatile u64 *turns; /* even: ours, odd: the other's */
static long other;

int switch_prepare(void) {
  turns = (volatile u64 *)call6(SYS_MMAP, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if ((long)turns < 0) {
    return 0;
  }
  other = call0(SYS_FORK);
  if (other == 0) {
    for (;;) {
      if (*turns & 1) {
        ++*turns;
      }
      call0(SYS_SCHED_YIELD);
    }
  }
  return other > 0;
}

u64 switch_unit(void) {
  u64 start = *turns;
  for (u32 n = 0; n < 100; n++) {
    ++*turns;
    while (*turns & 1) {
      call0(SYS_SCHED_YIELD);
    }
  }
  return *turns - start;
}

void switch_finish(void) {
  call3(SYS_KILL, other, SIGKILL, 0);
  status_of(other);
  call3(SYS_MUNMAP, (long)turns, PAGE, 0);
}
