/*
 * What a C library would give.
 */
#include "linux.h"
#include "loads.h"

u64 now(void) {
  long time[2];
  call3(SYS_CLOCK_GETTIME, CLOCK_MONOTONIC, (long)time, 0);
  return (u64)time[0] * 1000000000u + (u64)time[1];
}

void *pages(size_t bytes) {
  long address = call6(SYS_MMAP, 0, (long)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return address < 0 ? NULL : (void *)address;
}

size_t length(const char *text) {
  size_t n = 0;
  while (text[n] != 0) {
    n++;
  }
  return n;
}

int same(const char *a, const char *b) {
  while (*a != 0 && *a == *b) {
    a++;
    b++;
  }
  return *a == *b;
}

/* The compiler calls these two for structures. */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
  u8 *t = to;
  const u8 *f = from;
  for (; bytes >= 8; bytes -= 8, t += 8, f += 8) {
    *(u64 *)t = *(const u64 *)f;
  }
  while (bytes-- > 0) {
    *t++ = *f++;
  }
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  u8 *t = to;
  while (bytes-- > 0) {
    *t++ = (u8)value;
  }
  return to;
}
