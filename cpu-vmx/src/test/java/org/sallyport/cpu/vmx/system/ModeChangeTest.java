package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** The way that an operating system takes from real-address mode to a 64-bit user program and its system calls. */
class ModeChangeTest {
  private static final String PROGRAM = """
      fa                              ; cli
      66 0f 01 16 00 c0               ; lgdt [0C000h]
      0f 20 c0                        ; mov eax, cr0
      0c 01                           ; or al, 1
      0f 22 c0                        ; mov cr0, eax
      66 ea 17 60 00 00 18 00         ; jmp 18h:00006017h
                                      ; 6017: 32-bit code
      b8 10 00 00 00                  ; mov eax, 10h
      8e d8 8e c0 8e d0               ; mov ds, eax; mov es, eax; mov ss, eax
      bc 00 80 00 00                  ; mov esp, 8000h
      b8 20 00 00 00 0f 22 e0         ; mov eax, 20h; mov cr4, eax
      b8 00 00 01 00 0f 22 d8         ; mov eax, 10000h; mov cr3, eax
      b9 80 00 00 c0 0f 32            ; mov ecx, IA32_EFER; rdmsr
      0d 01 01 00 00 0f 30            ; or eax, 101h; wrmsr
      b8 11 00 00 80 0f 22 c0         ; mov eax, 80000011h; mov cr0, eax
      ea 54 60 00 00 08 00            ; jmp 8:6054h
                                      ; 6054: 64-bit code
      0f 01 1c 25 10 c0 00 00         ; lidt [0C010h]
      b8 40 00 00 00 0f 00 d8         ; mov eax, 40h; ltr ax
      31 c0 0f 00 d0                  ; xor eax, eax; lldt ax
      48 bb 88 77 66 55 44 33 22 11   ; mov rbx, 1122334455667788h
      6a 33 68 00 b0 00 00            ; push 33h; push 0B000h
      68 02 02 00 00 6a 3b            ; push 202h; push 3Bh
      68 88 60 00 00                  ; push 6088h
      48 cf                           ; iretq
                                      ; 6088: user
      53 5a                           ; push rbx; pop rdx
      0f 05                           ; syscall
      cc                              ; int3
                                      ; 608D: kernel
      48 89 e6 bc 00 90 00 00         ; mov rsi, rsp; mov esp, 9000h
      48 89 cf 48 89 f4               ; mov rdi, rcx; mov rsp, rsi
      48 0f 07                        ; sysretq
      """;

  @Test
  void fromRealModeToUserCode() {
    Bench b = Bench.real();
    Bench tables = Bench.longMode();
    for (int at = Bench.GDT; at < Bench.PAGES + 0x4000; at += 8) {
      b.put(at, 8, tables.get(at, 8));
    }
    b.segment(Bench.TSS_SEL, Bench.TSS, 0x67, 0x89);
    b.put(Bench.DATA, 2, Bench.GDT_LIMIT);
    b.put(Bench.DATA + 2, 4, Bench.GDT);
    b.put(Bench.DATA + 0x10, 2, 0xfff);
    b.put(Bench.DATA + 0x12, 8, Bench.IDT);
    b.cpu.msrs.write(Msr.STAR, 0x0028_0008_0000_0000L);
    b.cpu.msrs.write(Msr.LSTAR, 0x608d);
    b.code(PROGRAM.replaceAll(";.*", ""));

    b.raises(Vector.GP, Vector.BP * 8 + 2); // INT3 at level 3
    assertEquals(0x608c, b.stacked(1));
    assertEquals(Bench.CODE3, b.stacked(2));
    assertEquals(Flag.IF, b.stacked(3) & Flag.IF);
    assertEquals(Bench.USER_STACK, b.stacked(4));
    assertEquals(0x1122334455667788L, b.cpu.r[Registers.RDX]);
    assertEquals(0x608c, b.cpu.r[Registers.RDI]);
    assertEquals(Bench.TSS_SEL, b.cpu.seg[Segment.TR].selector);
    assertFalse(b.cpu.seg[Segment.LDTR].usable());
    assertTrue(b.cpu.mode64());
  }

  @Test
  void unrealMode() {
    Bench b = Bench.real().code("""
        66 0f 01 16 00 c0   ; lgdt [0C000h]
        0f 20 c0 0c 01      ; mov eax, cr0; or al, 1
        0f 22 c0            ; mov cr0, eax
        bb 10 00 8e db      ; mov bx, 10h; mov ds, bx
        24 fe 0f 22 c0      ; and al, 0FEh; mov cr0, eax
        31 db 8e db         ; xor bx, bx; mov ds, bx
        66 bb 00 00 20 00   ; mov ebx, 200000h
        67 c6 03 5a         ; mov byte [ebx], 5Ah
        f4                  ; hlt
        """.replaceAll(";.*", ""));
    b.segment(Bench.DATA0, 0, 0xfffff, 0xc093);
    b.put(Bench.DATA, 2, Bench.GDT_LIMIT);
    b.put(Bench.DATA + 2, 4, Bench.GDT);
    b.halts(Bench.CODE + 38);
    assertEquals(0x5a, b.get(0x200000, 1));
  }

  @Test
  void realModeCodeSegmentsAreWritable() {
    // jmp 0600:0005; mov byte cs:[1000h], 77h
    Bench b = Bench.real().code("ea 05 00 00 06").at(0x6005, "2e c6 06 00 10 77 f4");
    b.halts(0x0b);
    assertEquals(0x77, b.get(0x7000, 1));
  }
}
