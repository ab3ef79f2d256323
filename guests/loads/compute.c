/*
 * Integers: arithmetic, memory, calls, an interpreter's dispatch, sorting.
 */
#include "loads.h"

/* ---- integer: a counted loop of ten instructions, a million times ------------------------------------------------ */

u64 integer_unit(void) {
  u64 a = 1, b = 3, c = 5, n = 1000000;
  __asm__ volatile("1:\n"
                   "  add %[b], %[a]\n"
                   "  rol $7, %[b]\n"
                   "  xor %[a], %[b]\n"
                   "  lea 1(%[c],%[c],2), %[c]\n"
                   "  sub %[c], %[a]\n"
                   "  shr $3, %[c]\n"
                   "  add %[b], %[c]\n"
                   "  imul $31, %[a], %[a]\n"
                   "  dec %[n]\n"
                   "  jnz 1b\n"
                   : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [n] "+r"(n)
                   :
                   : "cc");
  return a ^ b ^ c;
}

/* ---- memory: a sieve, a walk from page to page, and words read, changed and written ------------------------------ */

#define SIEVE (256 * KIB)
#define CHAIN (4 * MIB / 4)
#define WORDS (1 * MIB / 8)

static u8 *sieve;
static u32 *chain;
static u64 *words;

/* A single cycle through all the entries of the chain, in random order (Sattolo's algorithm). */
int memory_prepare(void) {
  if (sieve == NULL) {
    sieve = pages(SIEVE);
    chain = pages(CHAIN * sizeof *chain);
    words = pages(WORDS * sizeof *words);
    if (sieve == NULL || chain == NULL || words == NULL) {
      return 0;
    }
    u64 state = 42;
    for (u32 n = 0; n < CHAIN; n++) {
      chain[n] = n;
    }
    for (u32 n = CHAIN - 1; n > 0; n--) {
      u32 other = (u32)((next_random(&state) >> 32) * n >> 32);
      u32 swap = chain[n];
      chain[n] = chain[other];
      chain[other] = swap;
    }
  }
  return 1;
}

u64 memory_unit(void) {
  u32 primes = 0;
  for (u32 n = 0; n < SIEVE; n++) {
    sieve[n] = 1;
  }
  for (u32 n = 2; n < SIEVE; n++) {
    if (sieve[n]) {
      primes++;
      for (u32 multiple = n + n; multiple < SIEVE; multiple += n) {
        sieve[multiple] = 0;
      }
    }
  }

  u32 at = 0;
  for (u32 step = 0; step < 100000; step++) {
    at = chain[at];
  }

  for (u32 n = 0; n < WORDS; n++) {
    words[n] = n;
  }
  u32 word = 0;
  u64 sum = 0;
  for (u32 n = 0; n < 2 * WORDS; n++) {
    words[word] += sum + n;
    sum ^= words[(word + 1) % WORDS];
    word = (word + 37 * 8) % WORDS;
  }
  return mix(mix(mix(MIX_START, primes), at), sum);
}

/* ---- calls: a deep recursion of three arguments, and calls by pointer -------------------------------------------- */

__attribute__((noinline, noclone, optimize("no-optimize-sibling-calls"))) static int tak(int x, int y, int z) {
  return y < x ? tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) : z;
}

static NOINLINE u64 add_up(u64 a, u64 b) {
  return a + b;
}
static NOINLINE u64 turn(u64 a, u64 b) {
  return (a << 5 | a >> 59) ^ b;
}
static NOINLINE u64 spread(u64 a, u64 b) {
  return a * 0x9E3779B97F4A7C15u + b;
}
static NOINLINE u64 take_away(u64 a, u64 b) {
  return a - b * 3;
}

static u64 (*const OPERATIONS[])(u64, u64) = {add_up, turn, spread, take_away};

u64 calls_unit(void) {
  int x = 18;
  HIDE(x);
  u64 sum = (u64)tak(x, 12, 6);
  for (u32 n = 0; n < 60000; n++) {
    sum = OPERATIONS[(n ^ n >> 3) & 3](sum, n);
    sum = OPERATIONS[sum >> 7 & 3](sum, n);
  }
  return sum;
}

/* ---- bytecode: a small interpreter; its program looks for the longest Collatz sequence ---------------------------- */

enum { SET, MOVE, ADD, AND, SHIFT, TRIPLE, LESS, JUMP, BRANCH_ZERO, STOP };

struct instruction {
  u8 operation, to, from, value;
};

/* Registers: 0 number, 1 its current member, 2 steps, 3 most steps, 4 number with most, 5 scratch, 6 one, 7 limit. */
// clang-format off
static const struct instruction PROGRAM[] = {
  /*  0 */ {SET, 0, 0, 1},
  /*  1 */ {SET, 3, 0, 0},
  /*  2 */ {SET, 6, 0, 1},
  /*  3 */ {MOVE, 1, 0, 0},           /* next number */
  /*  4 */ {SET, 2, 0, 0},
  /*  5 */ {MOVE, 5, 6, 0},           /* next member */
  /*  6 */ {LESS, 5, 1, 0},           /* 1 < member? */
  /*  7 */ {BRANCH_ZERO, 5, 0, 16},
  /*  8 */ {ADD, 2, 6, 0},
  /*  9 */ {MOVE, 5, 1, 0},
  /* 10 */ {AND, 5, 6, 0},
  /* 11 */ {BRANCH_ZERO, 5, 0, 14},
  /* 12 */ {TRIPLE, 1, 0, 0},
  /* 13 */ {JUMP, 0, 0, 5},
  /* 14 */ {SHIFT, 1, 0, 1},
  /* 15 */ {JUMP, 0, 0, 5},
  /* 16 */ {MOVE, 5, 3, 0},           /* the sequence is at its end */
  /* 17 */ {LESS, 5, 2, 0},           /* most < steps? */
  /* 18 */ {BRANCH_ZERO, 5, 0, 21},
  /* 19 */ {MOVE, 3, 2, 0},
  /* 20 */ {MOVE, 4, 0, 0},
  /* 21 */ {ADD, 0, 6, 0},
  /* 22 */ {MOVE, 5, 0, 0},
  /* 23 */ {LESS, 5, 7, 0},           /* number < limit? */
  /* 24 */ {BRANCH_ZERO, 5, 0, 26},
  /* 25 */ {JUMP, 0, 0, 3},
  /* 26 */ {STOP, 0, 0, 0},
};
// clang-format on

u64 bytecode_unit(void) {
  u64 registers[8] = {0};
  registers[7] = 2000;
  u64 executed = 0;
  const struct instruction *program = PROGRAM;
  HIDE(program);
  for (const struct instruction *at = program;; at++) {
    executed++;
    u64 *to = &registers[at->to];
    u64 from = registers[at->from];
    switch (at->operation) {
    case SET:
      *to = at->value;
      break;
    case MOVE:
      *to = from;
      break;
    case ADD:
      *to += from;
      break;
    case AND:
      *to &= from;
      break;
    case SHIFT:
      *to >>= at->value;
      break;
    case TRIPLE:
      *to = *to * 3 + 1;
      break;
    case LESS:
      *to = *to < from;
      break;
    case JUMP:
      at = program + at->value - 1;
      break;
    case BRANCH_ZERO:
      if (*to == 0) {
        at = program + at->value - 1;
      }
      break;
    case STOP:
      return mix(mix(mix(MIX_START, registers[3]), registers[4]), executed);
    }
  }
}

/* ---- sort: quicksort with insertion of what is short, then a heap ------------------------------------------------- */

#define NUMBERS 32768

static u32 *shuffled;
static u32 *numbers;

int sort_prepare(void) {
  if (shuffled == NULL) {
    shuffled = pages(NUMBERS * sizeof *shuffled);
    numbers = pages(NUMBERS * sizeof *numbers);
    if (shuffled == NULL || numbers == NULL) {
      return 0;
    }
    u64 state = 7;
    for (u32 n = 0; n < NUMBERS; n++) {
      shuffled[n] = (u32)(next_random(&state) >> 32);
    }
  }
  return 1;
}

static void sort_by_insertion(u32 *v, u32 count) {
  for (u32 n = 1; n < count; n++) {
    u32 value = v[n];
    u32 at = n;
    for (; at > 0 && v[at - 1] > value; at--) {
      v[at] = v[at - 1];
    }
    v[at] = value;
  }
}

static void quicksort(u32 *v, u32 count) {
  while (count > 16) {
    u32 pivot = v[count / 2];
    u32 low = 0, high = count - 1;
    for (;;) {
      while (v[low] < pivot) {
        low++;
      }
      while (v[high] > pivot) {
        high--;
      }
      if (low >= high) {
        break;
      }
      u32 swap = v[low];
      v[low++] = v[high];
      v[high--] = swap;
    }
    quicksort(v, low);
    v += low;
    count -= low;
  }
  sort_by_insertion(v, count);
}

static void sift(u32 *v, u32 at, u32 count) {
  u32 value = v[at];
  for (u32 child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && v[child + 1] > v[child]) {
      child++;
    }
    if (v[child] <= value) {
      break;
    }
    v[at] = v[child];
  }
  v[at] = value;
}

static void heapsort(u32 *v, u32 count) {
  for (u32 n = count / 2; n > 0; n--) {
    sift(v, n - 1, count);
  }
  for (u32 n = count - 1; n > 0; n--) {
    u32 swap = v[0];
    v[0] = v[n];
    v[n] = swap;
    sift(v, 0, n);
  }
}

static u64 checksum_sorted(const u32 *v) {
  u64 sum = MIX_START;
  for (u32 n = 0; n < NUMBERS; n++) {
    sum = mix(sum, v[n]);
  }
  return sum;
}

u64 sort_unit(void) {
  memcpy(numbers, shuffled, NUMBERS * sizeof *numbers);
  quicksort(numbers, NUMBERS);
  u64 sum = checksum_sorted(numbers);
  memcpy(numbers, shuffled, NUMBERS * sizeof *numbers);
  heapsort(numbers, NUMBERS);
  return sum == checksum_sorted(numbers) ? sum : 0;
}
