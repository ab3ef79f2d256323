/*
 * coremark-like: what a small embedded program does. A linked list is searched, turned round and sorted, small matrices
 * of 16-bit numbers are multiplied, and text is scanned for numbers by a state machine; a CRC goes over every result.
 */
#include "loads.h"

/* ---- CRC-16/CCITT, bit by bit ------------------------------------------------------------------------------------ */

static u16 crc_byte(u16 crc, u8 byte) {
  crc ^= (u16)(byte << 8);
  for (int bit = 0; bit < 8; bit++) {
    crc = (u16)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
  }
  return crc;
}

static NOINLINE u16 crc_word(u16 crc, u32 word) {
  return crc_byte(crc_byte(crc, (u8)(word >> 8)), (u8)word);
}

/* ---- The list ---------------------------------------------------------------------------------------------------- */

#define ITEMS 200

struct item {
  struct item *next;
  u16 key;
  u16 rank;
};

static struct item items[ITEMS];

static struct item *fill_list(u32 seed) {
  for (u32 n = 0; n < ITEMS; n++) {
    seed = seed * 1103515245 + 12345;
    items[n].key = (u16)(seed >> 16);
    items[n].rank = (u16)n;
    items[n].next = n + 1 < ITEMS ? &items[n + 1] : NULL;
  }
  return items;
}

static NOINLINE struct item *find(struct item *at, u16 key) {
  while (at != NULL && at->key != key) {
    at = at->next;
  }
  return at;
}

static NOINLINE struct item *turn_round(struct item *at) {
  struct item *done = NULL;
  while (at != NULL) {
    struct item *next = at->next;
    at->next = done;
    done = at;
    at = next;
  }
  return done;
}

static int by_key(const struct item *a, const struct item *b) {
  return (int)a->key - (int)b->key;
}

static int by_rank(const struct item *a, const struct item *b) {
  return (int)a->rank - (int)b->rank;
}

/* Merges runs of one item, then of two, of four and so on. */
static NOINLINE struct item *sort_list(struct item *list, int (*compare)(const struct item *, const struct item *)) {
  for (u32 run = 1;; run *= 2) {
    struct item *rest = list, *last = NULL;
    u32 merges = 0;
    list = NULL;
    while (rest != NULL) {
      struct item *left = rest, *right = rest;
      u32 in_left = 0, in_right = run;
      merges++;
      while (in_left < run && right != NULL) {
        in_left++;
        right = right->next;
      }
      while (in_left > 0 || (in_right > 0 && right != NULL)) {
        struct item *taken;
        if (in_left > 0 && (in_right == 0 || right == NULL || compare(left, right) <= 0)) {
          taken = left;
          left = left->next;
          in_left--;
        } else {
          taken = right;
          right = right->next;
          in_right--;
        }
        if (last == NULL) {
          list = taken;
        } else {
          last->next = taken;
        }
        last = taken;
      }
      rest = right;
    }
    if (last != NULL) {
      last->next = NULL;
    }
    if (merges <= 1) {
      return list;
    }
  }
}

static u16 work_on_list(u16 crc, u32 seed) {
  struct item *list = fill_list(seed);
  for (u32 n = 0; n < ITEMS; n += 5) {
    struct item *found = find(list, items[n].key);
    crc = crc_word(crc, found != NULL ? found->rank : 0xFFFF);
    list = turn_round(list);
  }
  list = sort_list(list, by_key);
  for (struct item *at = list; at != NULL; at = at->next) {
    crc = crc_word(crc, at->key);
  }
  list = sort_list(list, by_rank);
  for (struct item *at = list; at != NULL; at = at->next) {
    crc = crc_word(crc, at->rank);
  }
  return crc;
}

/* ---- The matrices ------------------------------------------------------------------------------------------------ */

#define SIZE 16

static int16_t left[SIZE][SIZE], right[SIZE][SIZE];
static int32_t product[SIZE][SIZE];

static NOINLINE void multiply(void) {
  for (u32 row = 0; row < SIZE; row++) {
    for (u32 column = 0; column < SIZE; column++) {
      int32_t sum = 0;
      for (u32 n = 0; n < SIZE; n++) {
        sum += left[row][n] * right[n][column];
      }
      product[row][column] = sum;
    }
  }
}

static u16 work_on_matrices(u16 crc, int32_t value) {
  for (u32 row = 0; row < SIZE; row++) {
    for (u32 column = 0; column < SIZE; column++) {
      left[row][column] = (int16_t)(value + (int32_t)(row * 3 + column));
      right[row][column] = (int16_t)(value - (int32_t)(row + column * 5));
    }
  }
  for (u32 round = 0; round < 4; round++) {
    multiply();
    int32_t sum = 0;
    for (u32 row = 0; row < SIZE; row++) {
      for (u32 column = 0; column < SIZE; column++) {
        int32_t entry = product[row][column];
        sum = entry > sum ? entry - 10 : sum + (entry >> 3 & 0x7F);
        left[row][column] = (int16_t)(entry >> 4);
      }
    }
    crc = crc_word(crc, (u32)sum & 0xFFFF);
  }
  return crc;
}

/* ---- The state machine ------------------------------------------------------------------------------------------- */

static const char TEXT[] = "5012,-120,+7.25,abc,1e9,-3.5E-2,,0x1F,99.,.5,+,1234567,8e+,6.02e23,T1,-0.000001,314e-2,4;2,17";

enum state { BEGIN, SIGN, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, POWER, WRONG, STATES };

static int is_digit(char c) {
  return c >= '0' && c <= '9';
}

static NOINLINE enum state step(enum state state, char c) {
  switch (state) {
  case BEGIN:
    return is_digit(c) ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? POINT : WRONG;
  case SIGN:
    return is_digit(c) ? INTEGER : c == '.' ? POINT : WRONG;
  case INTEGER:
    return is_digit(c) ? INTEGER : c == '.' ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : WRONG;
  case POINT:
    return is_digit(c) ? FRACTION : WRONG;
  case FRACTION:
    return is_digit(c) ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : WRONG;
  case EXPONENT:
    return is_digit(c) ? POWER : c == '+' || c == '-' ? EXPONENT_SIGN : WRONG;
  case EXPONENT_SIGN:
  case POWER:
    return is_digit(c) ? POWER : WRONG;
  default:
    return WRONG;
  }
}

static char text[sizeof TEXT];

static u16 work_on_text(u16 crc, u32 seed) {
  memcpy(text, TEXT, sizeof TEXT);
  for (u32 round = 0; round < 8; round++) {
    u16 ended[STATES] = {0};
    enum state state = BEGIN;
    for (const char *at = text; *at != 0; at++) {
      if (*at == ',') {
        ended[state]++;
        state = BEGIN;
      } else {
        state = step(state, *at);
      }
    }
    ended[state]++;
    for (u32 n = 0; n < STATES; n++) {
      crc = crc_word(crc, ended[n]);
    }
    for (u32 at = (seed + round) % 7; at < sizeof TEXT - 1; at += 11) { /* other text for the next round */
      if (text[at] != ',') {
        text[at] ^= 1;
      }
    }
  }
  return crc;
}


u64 coremark_like_unit(void) {
  u16 crc = 0xFFFF;
  for (u32 round = 0; round < 12; round++) {
    crc = work_on_list(crc, round);
    crc = work_on_matrices(crc, (int32_t)(round + 1) * 7);
    crc = work_on_text(crc, round);
  }
  return mix(MIX_START, crc);
}
