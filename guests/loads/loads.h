/*
 * Loads that measure a machine inside Linux. See loads.c.
 */
#ifndef LOADS_H
#define LOADS_H

#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define NOINLINE __attribute__((noinline, noclone))
#define KIB 1024
#define MIB (1024 * 1024)

/*
 * A load is a number of equal units of work. Each unit begins anew and returns a checksum, so that the result does not
 * depend on how many units run, and a processor that computes wrong once is noticed.
 */
struct load {
  const char *name;
  /* Units at scale 100. */
  u32 units;
  /* The work that is measured. */
  u64 (*unit)(void);
  /* What each unit returns. */
  u64 want;
  /* Makes what the units need; not measured. False: the load cannot run here. Or null. */
  int (*prepare)(void);
  /* Takes it away again; not measured. Or null. */
  void (*finish)(void);
};

/* compute.c */
u64 integer_unit(void);
int memory_prepare(void);
u64 memory_unit(void);
u64 calls_unit(void);
u64 bytecode_unit(void);
int sort_prepare(void);
u64 sort_unit(void);

/* embedded.c */
u64 coremark_like_unit(void);

/* records.c */
u64 dhrystone_like_unit(void);

/* sha256.c, lz.c */
int sha256_prepare(void);
u64 sha256_unit(void);
int lz_prepare(void);
u64 lz_unit(void);

/* strings.c */
int strings_prepare(void);
u64 strings_unit(void);
int repeat_prepare(void);
u64 repeat_unit(void);
u64 simd_unit(void);
int copy_prepare(void);
u64 copy_unit(void);

/* floating.c */
int matrix_prepare(void);
u64 matrix_unit(void);
u64 x87_unit(void);

/* processes.c */
u64 getpid_unit(void);
u64 fork_unit(void);
u64 exec_unit(void);
int pipe_prepare(void);
u64 pipe_unit(void);
void pipe_finish(void);
u64 fault_unit(void);
int switch_prepare(void);
u64 switch_unit(void);
void switch_finish(void);

/* exits.c */
int port_prepare(void);
u64 port_unit(void);
int mmio_prepare(void);
u64 mmio_unit(void);

/* parallel.c: prints its lines itself */
void parallel(u32 scale);

/* The status with which the program ends when it is executed as its own child. */
#define EXEC_STATUS 42

/* loads.c: where the program itself is found */
extern const char *self;
void say_seconds(const char *name, u64 nanos, u32 units);
void say_wrong(const char *name, u64 got, u64 want);
void say_skipped(const char *name);
void begin(const char *name);

/* common.c */
u64 now(void); /* CLOCK_MONOTONIC, ns */
void *pages(size_t bytes); /* zeroed; null: there are none */
size_t length(const char *text);
int same(const char *a, const char *b);
void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

/* A pseudo-random sequence (xorshift64*). */
static inline u64 next_random(u64 *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * 0x2545F4914F6CDD1Du;
}

/* One step of a checksum (FNV-1a, eight bytes at a time). */
static inline u64 mix(u64 sum, u64 value) {
  return (sum ^ value) * 0x100000001B3u;
}

#define MIX_START 0xCBF29CE484222325u

/* Keeps the compiler from knowing a value. */
#define HIDE(value) __asm__ volatile("" : "+r"(value))
/* Keeps it from believing that memory is what it was. */
#define TOUCH_MEMORY() __asm__ volatile("" ::: "memory")

#endif
