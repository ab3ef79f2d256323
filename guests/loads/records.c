/*
 * dhrystone-like: what systems programs of the classical kind do. Records with pointers to one another are copied and
 * changed, short strings copied and compared, procedures called with a few arguments, enumerations and array elements
 * handed about.
 */
#include "loads.h"

enum kind { FIRST, SECOND, THIRD, FOURTH };

struct record {
  struct record *other;
  enum kind kind;
  enum kind part;
  int number;
  char text[32];
};

static struct record one, two;
static int flag;
static char letter;
static int line[64];
static int table[64][64];

static NOINLINE void copy(char *to, const char *from) {
  while ((*to++ = *from++) != 0) {
  }
}

static NOINLINE int compare(const char *a, const char *b) {
  while (*a != 0 && *a == *b) {
    a++;
    b++;
  }
  return (u8)*a - (u8)*b;
}

static NOINLINE int is_third(enum kind kind) {
  return kind == THIRD;
}

static NOINLINE void next_kind(enum kind from, enum kind *to) {
  *to = is_third(from) ? from : FOURTH;
  switch (from) {
  case FIRST:
    *to = FIRST;
    break;
  case SECOND:
    *to = flag ? FIRST : FOURTH;
    break;
  case THIRD:
    *to = SECOND;
    break;
  case FOURTH:
    break;
  }
}

static NOINLINE void sum_up(int a, int b, int *to) {
  *to = a + b + 2;
}

static NOINLINE void into_arrays(int *v, int (*m)[64], int at, int value) {
  int row = at + 5;
  v[row] = value;
  v[row + 1] = v[row];
  v[row + 30] = row;
  for (int column = row; column <= row + 1; column++) {
    m[row][column] = row;
  }
  m[row][row - 1]++;
  m[row + 20][row] = v[row];
}

static NOINLINE enum kind compare_letters(char a, char b) {
  char c = a;
  if (c != b) {
    return FIRST;
  }
  letter = c;
  return SECOND;
}

static NOINLINE int compare_texts(const char *a, const char *b) {
  int at = 2;
  char last = 'A';
  while (at <= 2) {
    if (compare_letters(a[at], b[at + 1]) == FIRST) {
      last = 'B';
    }
    at++;
  }
  if (last >= 'W' && last < 'Z') {
    at = 7;
  }
  if (compare(a, b) > 0) {
    flag = at + 7;
    return 1;
  }
  return 0;
}

static NOINLINE void follow(struct record *at) {
  struct record *next = at->other;
  *next = *at;
  at->number = 5;
  next->number = at->number;
  next->other = at->other;
  if (next->kind == FIRST) {
    next->number = 6;
    next_kind(at->part, &next->part);
    next->other = two.other;
    sum_up(next->number, 10, &next->number);
  } else {
    *at = *next;
  }
}

#define ROUNDS 10000

u64 dhrystone_like_unit(void) {
  char first[32], second[32];
  memset(line, 0, sizeof line);
  memset(table, 0, sizeof table);
  flag = 0;
  letter = 'A';
  one = (struct record){.other = &two, .kind = FIRST, .part = THIRD, .number = 40};
  two = (struct record){.other = &two};
  copy(one.text, "SALLYPORT LOAD, A LONGER TEXT");
  copy(first, "SALLYPORT LOAD, 1'ST OF TEXTS");
  u64 sum = MIX_START;
  for (int round = 1; round <= ROUNDS; round++) {
    int a = 2, b = 3, c;
    enum kind kind = SECOND;
    copy(second, "SALLYPORT LOAD, 2'ND OF TEXTS");
    flag = !compare_texts(first, second);
    while (a < b) {
      c = 5 * a - b;
      sum_up(a, b, &c);
      a++;
    }
    into_arrays(line, table, a, c);
    follow(&one);
    one.other = &two;
    two.other = &two;
    for (char l = 'A'; l <= letter + 1; l++) {
      if (kind == compare_letters(l, 'C')) {
        next_kind(FIRST, &kind);
        copy(second, "SALLYPORT LOAD, 3'RD OF TEXTS");
        b = round;
      }
    }
    b = b * a;
    a = b / (c | 1);
    b = 7 * (b - c) - a;
    sum = mix(sum, (u64)(u32)(a + b + line[8] + table[8][7]) << 32 | (u32)(two.number + (int)two.part));
    letter = 'A';
  }
  return mix(sum, (u64)(u8)second[16]);
}
