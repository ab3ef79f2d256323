/*
 * Strings and blocks of memory: byte loops, repeated string instructions, SSE2, and copies.
 */
#include <emmintrin.h>

#include "loads.h"

#define TEXT (64 * KIB)

static u8 *text;
static u8 *copy;

/* Strings of up to 100 characters, one behind the other; and the same once more. */
int strings_prepare(void) {
  if (text == NULL) {
    text = pages(TEXT + 64);
    copy = pages(TEXT + 64);
    if (text == NULL || copy == NULL) {
      return 0;
    }
    u64 state = 3;
    for (u32 n = 0; n < TEXT - 1; n++) {
      u64 random = next_random(&state) >> 32;
      text[n] = random % 51 == 0 ? 0 : (u8)(' ' + random % 90);
    }
    memcpy(copy, text, TEXT);
  }
  return 1;
}

/* ---- strings: one byte at a time --------------------------------------------------------------------------------- */

static NOINLINE u32 length_of(const u8 *at) {
  const u8 *end = at;
  while (*end != 0) {
    end++;
  }
  return (u32)(end - at);
}

static NOINLINE const u8 *find(const u8 *at, u8 byte, u32 count) {
  for (; count > 0; count--, at++) {
    if (*at == byte) {
      return at;
    }
  }
  return NULL;
}

static NOINLINE int compare(const u8 *a, const u8 *b) {
  while (*a != 0 && *a == *b) {
    a++;
    b++;
  }
  return *a - *b;
}

static NOINLINE u32 copy_lower(u8 *to, const u8 *from) {
  u32 n = 0;
  for (; from[n] != 0; n++) {
    u8 c = from[n];
    to[n] = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  }
  to[n] = 0;
  return n;
}

u64 strings_unit(void) {
  u8 line[4096];
  u64 sum = MIX_START;
  u32 at = 0;
  while (at < TEXT) {
    u32 bytes = length_of(text + at);
    const u8 *found = find(text + at, 'k', bytes);
    sum = mix(sum, found == NULL ? bytes : (u64)(found - text));
    sum = mix(sum, (u64)(compare(text + at, copy + at) == 0));
    if (bytes < sizeof line) {
      sum = mix(sum, copy_lower(line, text + at) + (u64)(u32)compare(line, text + at));
    }
    at += bytes + 1;
  }
  return sum;
}

/* ---- repeat: REP MOVS, REP STOS, REPE CMPS, REPNE SCAS of 1 to 16384 bytes --------------------------------------- */

static u8 *from;
static u8 *to;

#define BLOCK (16 * KIB)

int repeat_prepare(void) {
  if (from == NULL) {
    from = pages(BLOCK + 4096);
    to = pages(BLOCK + 4096);
    if (from == NULL || to == NULL) {
      return 0;
    }
    u64 state = 9;
    for (u32 n = 0; n < BLOCK; n++) {
      from[n] = (u8)(next_random(&state) >> 56 | 1);
    }
  }
  return 1;
}

static void move_bytes(void *to, const void *from, u64 count) {
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count)::"memory");
}

static void move_words(void *to, const void *from, u64 count) {
  __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count)::"memory");
}

static void store_bytes(void *to, u8 value, u64 count) {
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
}

static void store_words(void *to, u64 value, u64 count) {
  __asm__ volatile("rep stosq" : "+D"(to), "+c"(count) : "a"(value) : "memory");
}

static u64 left_after_scan(const void *at, u8 value, u64 count) {
  __asm__ volatile("repne scasb" : "+D"(at), "+c"(count) : "a"(value) : "memory", "cc");
  return count;
}

static u64 left_after_compare(const void *a, const void *b, u64 count) {
  __asm__ volatile("repe cmpsb" : "+S"(a), "+D"(b), "+c"(count)::"memory", "cc");
  return count;
}

u64 repeat_unit(void) {
  u64 sum = MIX_START;
  for (u32 bytes = 1; bytes <= BLOCK; bytes *= 2) {
    u32 rounds = 2 * BLOCK / (bytes + 64);
    for (u32 n = 0; n < rounds; n++) {
      u32 shift = n & 7;
      store_bytes(to, (u8)n, bytes + 8);
      move_bytes(to + shift, from, bytes);
      sum = mix(sum, to[bytes / 2] + left_after_scan(to + shift, 0, bytes));
      to[shift + bytes - 1] ^= (u8)(n & 1);
      sum = mix(sum, left_after_compare(to + shift, from, bytes + 1));
      store_words(to, n, bytes / 8);
      move_words(to + 8, from + shift, bytes / 8);
    }
  }
  return mix(sum, *(u64 *)(to + 128));
}

/* ---- simd: SSE2 as string functions and sums use it -------------------------------------------------------------- */

static NOINLINE u32 length_by_16(const u8 *at) {
  const __m128i zero = _mm_setzero_si128();
  const __m128i *block = (const __m128i *)((uintptr_t)at & ~(uintptr_t)15);
  u32 mask = (u32)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_load_si128(block), zero));
  mask >>= (uintptr_t)at & 15;
  if (mask != 0) {
    return (u32)__builtin_ctz(mask);
  }
  for (;;) {
    block++;
    mask = (u32)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_load_si128(block), zero));
    if (mask != 0) {
      return (u32)((const u8 *)block - at) + (u32)__builtin_ctz(mask);
    }
  }
}

static NOINLINE u64 sums(const u8 *bytes, u32 count) {
  __m128i total = _mm_setzero_si128();
  __m128i products = _mm_setzero_si128();
  __m128i mixed = _mm_setzero_si128();
  for (u32 n = 0; n < count; n += 16) {
    __m128i block = _mm_loadu_si128((const __m128i *)(bytes + n));
    total = _mm_add_epi64(total, _mm_sad_epu8(block, _mm_setzero_si128()));
    __m128i low = _mm_unpacklo_epi8(block, _mm_setzero_si128());
    __m128i high = _mm_unpackhi_epi8(block, _mm_setzero_si128());
    products = _mm_add_epi32(products, _mm_madd_epi16(low, high));
    mixed = _mm_xor_si128(_mm_add_epi32(_mm_slli_epi32(mixed, 5), _mm_srli_epi32(mixed, 27)),
                          _mm_shuffle_epi32(_mm_max_epu8(block, low), 0x1B));
  }
  u64 parts[6];
  _mm_storeu_si128((__m128i *)parts, total);
  _mm_storeu_si128((__m128i *)(parts + 2), products);
  _mm_storeu_si128((__m128i *)(parts + 4), mixed);
  u64 sum = MIX_START;
  for (u32 n = 0; n < 6; n++) {
    sum = mix(sum, parts[n]);
  }
  return sum;
}

u64 simd_unit(void) {
  u64 sum = MIX_START;
  u32 at = 0;
  while (at < TEXT) {
    u32 bytes = length_by_16(text + at);
    sum = mix(sum, bytes);
    at += bytes + 1;
  }
  for (u32 n = 0; n < 8; n++) {
    sum = mix(sum, sums(text + n, TEXT));
  }
  return sum;
}

/* ---- memcpy: 1 MiB, 64 bytes at a time by SSE2, as C libraries copy ----------------------------------------------- */

#define COPIED (1 * MIB)

static u8 *source;
static u8 *target;

int copy_prepare(void) {
  if (source == NULL) {
    source = pages(COPIED);
    target = pages(COPIED);
    if (source == NULL || target == NULL) {
      return 0;
    }
    u64 state = 5;
    for (u32 n = 0; n < COPIED; n += 8) {
      *(u64 *)(source + n) = next_random(&state);
    }
  }
  return 1;
}

static NOINLINE void copy_blocks(u8 *to, const u8 *from, u64 count) {
  for (u64 n = 0; n < count; n += 64) {
    __m128i a = _mm_loadu_si128((const __m128i *)(from + n));
    __m128i b = _mm_loadu_si128((const __m128i *)(from + n + 16));
    __m128i c = _mm_loadu_si128((const __m128i *)(from + n + 32));
    __m128i d = _mm_loadu_si128((const __m128i *)(from + n + 48));
    _mm_storeu_si128((__m128i *)(to + n), a);
    _mm_storeu_si128((__m128i *)(to + n + 16), b);
    _mm_storeu_si128((__m128i *)(to + n + 32), c);
    _mm_storeu_si128((__m128i *)(to + n + 48), d);
  }
}

u64 copy_unit(void) {
  for (u32 n = 0; n < COPIED; n += 4096) {
    *(u64 *)(target + n) = 0;
  }
  copy_blocks(target, source, COPIED);
  u64 sum = MIX_START;
  for (u32 n = 0; n < COPIED; n += 4096) {
    sum = mix(sum, *(u64 *)(target + n));
  }
  return mix(sum, *(u64 *)(target + COPIED - 8));
}
