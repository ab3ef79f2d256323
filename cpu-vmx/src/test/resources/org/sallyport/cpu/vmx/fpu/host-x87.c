// Executes x87 instructions on the processor it runs on. Each record of the standard input is an FNSAVE image (108
// bytes), 16 bytes of memory for the operand, RFLAGS (4 bytes), the two bytes of the instruction (a memory operand is
// addressed by RDI) and two of padding; for each the standard output gets the same with what the instruction made of it.
// Built for x86-64.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct record {
  uint8_t image[108];
  uint8_t memory[16];
  uint32_t flags;
  uint8_t instruction[4];
} __attribute__((packed));

typedef uint64_t (*routine)(void *memory, void *in, void *out, uint64_t flags);

static routine routines[0x10000];

int main(void) {
  size_t used = 0, size = 1 << 20;
  uint8_t *code = mmap(0, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (code == MAP_FAILED) {
    perror("mmap");
    return 2;
  }
  struct record r;
  uint8_t out[108] __attribute__((aligned(16)));
  uint8_t memory[16] __attribute__((aligned(16)));
  while (fread(&r, sizeof r, 1, stdin) == 1) {
    unsigned key = r.instruction[0] << 8 | r.instruction[1];
    if (!routines[key]) {
      const uint8_t text[] = {
        0x51, 0x9d,                              // push rcx; popfq
        0xdd, 0x26,                              // frstor [rsi]
        r.instruction[0], r.instruction[1],
        0xdd, 0x32,                              // fnsave [rdx]
        0x9c, 0x58,                              // pushfq; pop rax
        0xc3,
      };
      if (used + sizeof text > size) {
        return 3;
      }
      memcpy(code + used, text, sizeof text);
      routines[key] = (routine) (code + used);
      used += 16;
    }
    memcpy(memory, r.memory, 16);
    r.flags = (uint32_t) routines[key](memory, r.image, out, r.flags);
    memcpy(r.image, out, 108);
    memcpy(r.memory, memory, 16);
    if (fwrite(&r, sizeof r, 1, stdout) != 1) {
      return 4;
    }
  }
  return 0;
}
