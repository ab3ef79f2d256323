/*
 * Measures a machine inside Linux: runs one load after the other and says how long each took. As process 1 of a RAM disk
 * it needs nothing but /dev/console (and /dev/mem for "mmio") and ends by switching the machine off; as an ordinary
 * program it measures the host.
 *
 *   loads.elf [loads=NAME,NAME...] [scale=PERCENT]
 *
 * The arguments may stand on the kernel's command line, too: Linux hands unknown ones on as environment. Lines:
 *
 *   init: up                          the first thing that it says
 *   begin NAME                        what the load needs is made; now it is measured
 *   load NAME SECONDS units=N ok      or: load NAME skipped; load NAME WRONG got=X want=X
 *   loads: done, N wrong
 */
#include "linux.h"
#include "loads.h"

// clang-format off
static const struct load LOADS[] = {
  /* name          units  work                result of a unit      prepare           finish */
  {"integer",          20, integer_unit,         0xb90d10340f5390ae, NULL,             NULL},
  {"memory",            5, memory_unit,          0x8fa625c816d65dde, memory_prepare,   NULL},
  {"calls",            40, calls_unit,           0xbb737c7672c9759e, NULL,             NULL},
  {"coremark-like",    40, coremark_like_unit,   0xaf48ba4c85d3d1c6, NULL,             NULL},
  {"dhrystone-like",   40, dhrystone_like_unit,  0xf6bf49f1acfd0e92, NULL,             NULL},
  {"sha256",           16, sha256_unit,          0xa63a10d9a709475e, sha256_prepare,   NULL},
  {"lz",                8, lz_unit,              0x65d7839a18ed5324, lz_prepare,       NULL},
  {"bytecode",          6, bytecode_unit,        0x5a331f1a530b70eb, NULL,             NULL},
  {"sort",              8, sort_unit,            0xa4f0bb6e0ab2212f, sort_prepare,     NULL},
  {"strings",         120, strings_unit,         0x4963df897dd9a882, strings_prepare,  NULL},
  {"repeat",           40, repeat_unit,          0x7c5c4c829381dcc9, repeat_prepare,   NULL},
  {"simd",            400, simd_unit,            0xb80bdec881da14a3, strings_prepare,  NULL},
  {"matrix",           40, matrix_unit,          0x5ae520f1dc2dca44, matrix_prepare,   NULL},
  {"x87",              40, x87_unit,             0x34c58c9171f92ffb, NULL,             NULL},
  {"memcpy",          256, copy_unit,            0xf841d274e8bd5e25, copy_prepare,     NULL},
  {"getpid",          100, getpid_unit,                       10000, NULL,             NULL},
  {"fork",            500, fork_unit,                             7, NULL,             NULL},
  {"exec",            200, exec_unit,                            42, NULL,             NULL},
  {"pipe",            200, pipe_unit,            0xc1debc00b6d41db9, pipe_prepare,     pipe_finish},
  {"fault",            16, fault_unit,                         1024, NULL,             NULL},
  {"switch",          200, switch_unit,                         200, switch_prepare,   switch_finish},
  {"port",             20, port_unit,                         10000, port_prepare,     NULL},
  {"mmio",             20, mmio_unit,                            23, mmio_prepare,     NULL},
};
// clang-format on

#define LOADS_COUNT (sizeof LOADS / sizeof LOADS[0])
#define PARALLEL "parallel"

const char *self = "/proc/self/exe";
static u32 wrong;

/* ---- Output: whole lines, so that nothing comes between ---------------------------------------------------------- */

static char line[160];
static size_t used;

static void put(const char *text) {
  size_t n = length(text);
  if (used + n < sizeof line) {
    memcpy(line + used, text, n);
    used += n;
  }
}

static void put_number(u64 value, u32 base, u32 digits) {
  char text[24];
  size_t at = sizeof text;
  text[--at] = 0;
  do {
    text[--at] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0 || at + digits > sizeof text - 1);
  put(text + at);
}

static void put_line(void) {
  put("\n");
  call3(SYS_WRITE, 1, (long)line, (long)used);
  used = 0;
}

/* The line must be out before the clock starts: a serial port takes it byte by byte. */
void begin(const char *name) {
  put("begin ");
  put(name);
  put_line();
  call3(SYS_IOCTL, 1, TCSBRK, 1);
}

void say_seconds(const char *name, u64 nanos, u32 units) {
  put("load ");
  put(name);
  put(" ");
  put_number(nanos / 1000000000u, 10, 1);
  put(".");
  put_number(nanos % 1000000000u, 10, 9);
  put(" units=");
  put_number(units, 10, 1);
  put(" ok");
  put_line();
}

void say_wrong(const char *name, u64 got, u64 want) {
  wrong++;
  put("load ");
  put(name);
  put(" WRONG got=0x");
  put_number(got, 16, 1);
  put(" want=0x");
  put_number(want, 16, 1);
  put_line();
}

void say_skipped(const char *name) {
  put("load ");
  put(name);
  put(" skipped");
  put_line();
}

/* ---- What is asked for ------------------------------------------------------------------------------------------- */

/* The value of "name=value" among words that end with a null pointer, or null. */
static const char *option(char **words, const char *name) {
  size_t n = length(name);
  for (; *words != NULL; words++) {
    size_t at = 0;
    while (at < n && (*words)[at] == name[at]) {
      at++;
    }
    if (at == n && (*words)[n] == '=') {
      return *words + n + 1;
    }
  }
  return NULL;
}

/* Whether a list of names with commas has the name; no list has every name but that of PARALLEL. */
static int is_chosen(const char *list, const char *name) {
  if (list == NULL) {
    return !same(name, PARALLEL);
  }
  size_t n = length(name);
  while (*list != 0) {
    size_t at = 0;
    while (at < n && list[at] == name[at]) {
      at++;
    }
    if (at == n && (list[n] == 0 || list[n] == ',')) {
      return 1;
    }
    while (*list != 0 && *list++ != ',') {
    }
  }
  return 0;
}

static u32 number(const char *text, u32 otherwise) {
  u32 value = 0;
  if (text == NULL || *text == 0) {
    return otherwise;
  }
  for (; *text >= '0' && *text <= '9'; text++) {
    value = value * 10 + (u32)(*text - '0');
  }
  return value;
}

/* ---- The run ----------------------------------------------------------------------------------------------------- */

static void measure(const struct load *load, u32 scale) {
  u32 units = (u32)((u64)load->units * scale / 100);
  if (units == 0) {
    units = 1;
  }
  if (load->prepare != NULL && !load->prepare()) {
    say_skipped(load->name);
    return;
  }
  begin(load->name);
  u64 start = now();
  u64 got = load->want;
  for (u32 n = 0; n < units && got == load->want; n++) {
    got = load->unit();
  }
  u64 nanos = now() - start;
  if (load->finish != NULL) {
    load->finish();
  }
  if (got == load->want) {
    say_seconds(load->name, nanos, units);
  } else {
    say_wrong(load->name, got, load->want);
  }
}

static int run(int argc, char **argv) {
  char **environment = argv + argc + 1;
  if (argc == 2 && same(argv[1], "exec")) {
    return EXEC_STATUS;
  }
  int first = call0(SYS_GETPID) == 1;
  if (first) {
    self = "/init";
    call3(SYS_SYSLOG, SYSLOG_CONSOLE_LEVEL, 0, 1);
  }
  put("init: up");
  put_line();
  u64 one = 1; /* every load but the parallel one stays on the first processor */
  call3(SYS_SCHED_SETAFFINITY, 0, sizeof one, (long)&one);

  const char *chosen = option(argv, "loads");
  if (chosen == NULL) {
    chosen = option(environment, "loads");
  }
  const char *percent = option(argv, "scale");
  u32 scale = number(percent != NULL ? percent : option(environment, "scale"), 100);
  for (size_t n = 0; n < LOADS_COUNT; n++) {
    if (is_chosen(chosen, LOADS[n].name)) {
      measure(&LOADS[n], scale);
    }
  }
  if (is_chosen(chosen, PARALLEL)) {
    parallel(scale);
  }
  put("loads: done, ");
  put_number(wrong, 10, 1);
  put(" wrong");
  put_line();
  call3(SYS_IOCTL, 1, TCSBRK, 1);
  if (first) {
    call4(SYS_REBOOT, (long)REBOOT_MAGIC1, REBOOT_MAGIC2, (long)REBOOT_POWER_OFF, 0);
  }
  return wrong == 0 ? 0 : 1;
}

/* From _start: the stack as the kernel leaves it (System V ABI for AMD64, 3.4.1). */
__attribute__((used)) void start(long *stack) {
  quit(run((int)stack[0], (char **)(stack + 1)));
}

__asm__(".globl _start\n"
        "_start:\n"
        "  xor %ebp, %ebp\n"
        "  mov %rsp, %rdi\n"
        "  and $-16, %rsp\n"
        "  call start\n"
        "  hlt\n");
