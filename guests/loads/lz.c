/*
 * LZ77 compression of 1 MiB of something like text: the last place of each four bytes in a hash table, the first match
 * taken, literals and matches written as counts and offsets.
 */
#include "loads.h"

#define BYTES (1 * MIB)
#define HASH_BITS 14
#define FARTHEST 65535
#define SHORTEST 4

static u8 *input;
static u8 *output;
static u32 *places;

int lz_prepare(void) {
  if (input == NULL) {
    input = pages(BYTES + 16);
    output = pages(BYTES * 2);
    places = pages(sizeof *places << HASH_BITS);
    if (input == NULL || output == NULL || places == NULL) {
      return 0;
    }
    /* 512 words of two to nine letters; small numbers of words come often */
    u8 words[512][10];
    u64 state = 77;
    for (u32 n = 0; n < 512; n++) {
      u32 letters = 2 + (u32)(next_random(&state) >> 61);
      for (u32 at = 0; at < letters; at++) {
        words[n][at] = (u8)('a' + (next_random(&state) >> 40) % 26);
      }
      words[n][letters] = 0;
    }
    u32 at = 0;
    while (at < BYTES) {
      u64 random = next_random(&state);
      u32 bits = 3 + (u32)(random >> 60) % 7;
      const u8 *word = words[random >> 20 & ((1u << bits) - 1)];
      while (*word != 0 && at < BYTES) {
        input[at++] = *word++;
      }
      if (at < BYTES) {
        input[at++] = (random >> 50 & 15) == 0 ? '\n' : ' ';
      }
    }
  }
  return 1;
}

static inline u32 four(const u8 *at) {
  return *(const u32 *)at;
}

/* A count in the token's four bits, the rest in bytes behind it. */
static inline u8 *put_count(u8 *to, u32 count) {
  for (; count >= 255; count -= 255) {
    *to++ = 255;
  }
  *to++ = (u8)count;
  return to;
}

static u8 *put_sequence(u8 *to, const u8 *literals, u32 count, u32 offset, u32 match) {
  *to++ = (u8)((count < 15 ? count : 15) << 4 | (match < 15 ? match : 15));
  if (count >= 15) {
    to = put_count(to, count - 15);
  }
  while (count-- > 0) {
    *to++ = *literals++;
  }
  *to++ = (u8)offset;
  *to++ = (u8)(offset >> 8);
  if (match >= 15) {
    to = put_count(to, match - 15);
  }
  return to;
}

static NOINLINE u32 compress(void) {
  for (u32 n = 0; n < 1u << HASH_BITS; n++) {
    places[n] = 0;
  }
  u8 *to = output;
  u32 literals = 0;
  u32 at = 1;
  while (at < BYTES - 12) {
    u32 value = four(input + at);
    u32 *place = &places[value * 2654435761u >> (32 - HASH_BITS)];
    u32 before = *place;
    *place = at;
    if (at - before > FARTHEST || four(input + before) != value) {
      at++;
      continue;
    }
    u32 match = SHORTEST;
    while (at + match < BYTES && input[before + match] == input[at + match]) {
      match++;
    }
    to = put_sequence(to, input + literals, at - literals, at - before, match - SHORTEST);
    at += match;
    literals = at;
  }
  to = put_sequence(to, input + literals, BYTES - literals, 0, 0);
  return (u32)(to - output);
}

u64 lz_unit(void) {
  u32 compressed = compress();
  u64 sum = mix(MIX_START, compressed);
  for (u32 n = 0; n + 8 <= compressed; n += 64) {
    sum = mix(sum, *(u64 *)(output + n));
  }
  return sum;
}
