/*
 * Accesses that leave the processor for a device: by ports and by memory. Only for process 1, as they need a machine
 * that belongs to it.
 */
#include "linux.h"
#include "loads.h"

static int is_own_machine(void) {
  return call0(SYS_GETPID) == 1;
}

/* ---- port: writes to port 80h, which nothing needs ----------------------------------------------------------------- */

int port_prepare(void) {
  return is_own_machine() && call3(SYS_IOPL, 3, 0, 0) == 0;
}

u64 port_unit(void) {
  u64 n = 0;
  for (; n < 10000; n++) {
    __asm__ volatile("outb %0, $0x80" : : "a"((u8)n));
  }
  return n;
}

/* ---- mmio: the version register of the first I/O APIC (82093AA, 3.0: the index at +0, the data at +10h) ------------- */

#define IO_APIC 0xFEC00000
#define IOREGSEL 0
#define IOWIN 4
#define IOAPICVER 1

static volatile u32 *io_apic;

/* Linux lets programs at devices' memory only with iomem=relaxed. */
int mmio_prepare(void) {
  long memory = is_own_machine() ? call3(SYS_OPEN, (long)"/dev/mem", O_RDWR | O_SYNC, 0) : -1;
  if (memory < 0) {
    return 0;
  }
  long mapped = call6(SYS_MMAP, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, IO_APIC);
  call3(SYS_CLOSE, memory, 0, 0);
  io_apic = (volatile u32 *)mapped;
  return mapped >= 0;
}

/* Writes the index and reads the register: 10,000 accesses. Returns the highest entry of the redirection table. */
u64 mmio_unit(void) {
  u64 entries = 0;
  for (u32 n = 0; n < 5000; n++) {
    io_apic[IOREGSEL] = IOAPICVER;
    entries |= io_apic[IOWIN] >> 16 & 0xFF;
  }
  return entries;
}
