/*
 * Two processors against one: the counted loop in one process, then in two at the same time, each with the same work.
 * Twice the first time divided by the second is what the second processor adds: 2 at best.
 */
#include "linux.h"
#include "loads.h"

#define UNITS 40

static void work(u64 want, u32 units) {
  u64 all = 3;
  call3(SYS_SCHED_SETAFFINITY, 0, sizeof all, (long)&all);
  for (u32 n = 0; n < units; n++) {
    if (integer_unit() != want) {
      quit(1);
    }
  }
  quit(0);
}

/* The time of this many processes; 0: one computed wrong. */
static u64 processes(u32 count, u64 want, u32 units) {
  long children[2];
  u64 start = now();
  for (u32 n = 0; n < count; n++) {
    children[n] = call0(SYS_FORK);
    if (children[n] == 0) {
      work(want, units);
    }
  }
  int good = 1;
  for (u32 n = 0; n < count; n++) {
    int status = -1;
    good &= call4(SYS_WAIT4, children[n], (long)&status, 0, 0) == children[n] && status == 0;
  }
  return good ? now() - start : 0;
}

void parallel(u32 scale) {
  static const char *const names[] = {"parallel-1", "parallel-2"};
  u64 online = 0;
  u64 all = 3;
  call3(SYS_SCHED_SETAFFINITY, 0, sizeof all, (long)&all);
  call3(SYS_SCHED_GETAFFINITY, 0, sizeof online, (long)&online);
  if ((online & 3) != 3) {
    say_skipped(names[0]);
    return;
  }
  u32 units = UNITS * scale / 100;
  if (units == 0) {
    units = 1;
  }
  u64 want = integer_unit();
  processes(2, want, units); /* so that neither of the two measured runs is the first */
  for (u32 count = 1; count <= 2; count++) {
    begin(names[count - 1]);
    u64 nanos = processes(count, want, units);
    if (nanos != 0) {
      say_seconds(names[count - 1], nanos, units);
    } else {
      say_wrong(names[count - 1], 0, 1);
    }
  }
}
