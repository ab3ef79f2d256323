/*
 * Floating point: double precision by SSE2, extended precision by the x87.
 */
#include "loads.h"

/* ---- matrix: a product in double ---------------------------------------------------------------------------------- */

#define SIZE 96

static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

int matrix_prepare(void) {
  u64 state = 11;
  for (u32 row = 0; row < SIZE; row++) {
    for (u32 column = 0; column < SIZE; column++) {
      a[row][column] = (double)(int32_t)(next_random(&state) >> 32) / 65536.0;
      b[row][column] = 1.0 / (double)(1 + row + column);
    }
  }
  return 1;
}

static NOINLINE void multiply(void) {
  for (u32 row = 0; row < SIZE; row++) {
    for (u32 column = 0; column < SIZE; column++) {
      double sum = 0;
      for (u32 n = 0; n < SIZE; n++) {
        sum += a[row][n] * b[n][column];
      }
      c[row][column] = sum;
    }
  }
}

u64 matrix_unit(void) {
  multiply();
  u64 sum = MIX_START;
  for (u32 row = 0; row < SIZE; row++) {
    for (u32 column = 0; column < SIZE; column++) {
      u64 bits;
      double value = c[row][column];
      __asm__("movq %1, %0" : "=r"(bits) : "x"(value));
      sum = mix(sum, bits);
    }
  }
  return sum;
}

/* ---- x87: sums, products, quotients and roots of extended precision ----------------------------------------------- */

u64 x87_unit(void) {
  union {
    long double value;
    struct {
      u64 fraction;
      u16 exponent;
    } parts;
  } sum = {.value = 0}, roots = {.value = 0}, chaos = {.value = 0.3L};
  for (u32 n = 1; n <= 40000; n++) {
    long double x = (long double)(int)n;
    sum.value += 1 / (x * x);
    roots.value += __builtin_sqrtl(x) * 0.5L - x / 3;
    chaos.value = 3.75L * chaos.value * (1 - chaos.value);
  }
  u64 check = mix(mix(MIX_START, sum.parts.fraction), sum.parts.exponent);
  check = mix(mix(check, roots.parts.fraction), roots.parts.exponent);
  return mix(mix(check, chaos.parts.fraction), chaos.parts.exponent);
}
