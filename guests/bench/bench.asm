; Loops that measure a processor: each runs a fixed number of iterations, and says how many instructions these were, how
; many ticks of the time-stamp counter they took, and what they computed (equal on every processor that computes right).
;
;   nasm -f bin -i ../common/ -o bench.elf bench.asm
;
; Command line: loop=NAME (integer, memory, call, branch, string, port; without it all of them) and count=N iterations.
; Ends by the debug-exit port F4h with 0, or with 1 when there is no such loop.
;
; A repeated string instruction counts as one instruction, however many bytes it moves.

BSS_SIZE        equ 0x120000

%include "boot.inc"
%include "serial.inc"
%include "exit.inc"
%include "interrupts.inc"
%include "cmdline.inc"

MEMORY          equ 1 << 20     ; bytes that the memory loop goes over
BLOCK           equ 4096        ; bytes of a string operation

; What one iteration of each loop executes, with the loop's own control. Counted in the code below.
INTEGER_INSTRUCTIONS    equ 20
MEMORY_INSTRUCTIONS     equ 16
BRANCH_INSTRUCTIONS     equ 18
STRING_INSTRUCTIONS     equ 14
PORT_INSTRUCTIONS       equ 4
; A call tree of this depth has 2^(depth+1) - 1 nodes: the inner ones execute 12 instructions, the leaves 6.
CALL_DEPTH              equ 6
CALL_INNER              equ (1 << CALL_DEPTH) - 1
CALL_LEAVES             equ 1 << CALL_DEPTH
CALL_INSTRUCTIONS       equ CALL_INNER * 12 + CALL_LEAVES * 6 + 4

main:
        call    serial_init
        call    interrupts_init                 ; for exception reports; interrupts stay off
        print   "bench: Sallyport"
        call    put_line_end
        lea     rsi, [option_count]
        call    find_option
        test    rax, rax
        jz      .choose
        call    parse_decimal
.choose:
        mov     r15, rax                        ; count, or 0 for each loop's own
        lea     rsi, [option_loop]
        call    find_option
        mov     r14, rax                        ; name, or 0 for all
        lea     rbx, [loops]
        xor     ebp, ebp                        ; loops that ran
.next:  cmp     qword [rbx], 0
        je      .end
        test    r14, r14
        jz      .run
        call    is_chosen
        jne     .skip
.run:   inc     ebp
        call    measure
.skip:  add     rbx, LOOP_SIZE
        jmp     .next
.end:   test    ebp, ebp
        jz      .unknown
        print   "bench: done"
        call    put_line_end
        mov     al, 0
        jmp     debug_exit
.unknown:
        print   "bench: no such loop; loop= integer, memory, call, branch, string, port"
        call    put_line_end
        mov     al, 1
        jmp     debug_exit

option_loop:    db "loop=", 0
option_count:   db "count=", 0

; name, code, instructions of an iteration, default number of iterations
        align   8, db 0
loops:
        dq      name_integer, loop_integer, INTEGER_INSTRUCTIONS,   2000000
LOOP_SIZE       equ $ - loops
        dq      name_memory,  loop_memory,  MEMORY_INSTRUCTIONS,    2000000
        dq      name_call,    loop_call,    CALL_INSTRUCTIONS,      40000
        dq      name_branch,  loop_branch,  BRANCH_INSTRUCTIONS,    2000000
        dq      name_string,  loop_string,  STRING_INSTRUCTIONS,    4000
        dq      name_port,    loop_port,    PORT_INSTRUCTIONS,      200000
        dq      0
name_integer:   db "integer", 0
name_memory:    db "memory", 0
name_call:      db "call", 0
name_branch:    db "branch", 0
name_string:    db "string", 0
name_port:      db "port", 0

; R14: a word of the command line, RBX: an entry of `loops`. Equal flag: the entry's name.
is_chosen:
        mov     rsi, [rbx]
        mov     rdi, r14
.next:  mov     al, [rsi]
        test    al, al
        jz      .end
        cmp     al, [rdi]
        jne     .ret
        inc     rsi
        inc     rdi
        jmp     .next
.end:   mov     al, [rdi]                       ; the word ends here, too
        cmp     al, ' '
        je      .ret
        test    al, al
.ret:   ret

; RBX: an entry of `loops`, R15: count or 0
measure:
        push    rbp
        push    r14
        push    r15
        test    r15, r15
        jnz     .counted
        mov     r15, [rbx + 24]
.counted:
        print   "bench: loop="
        mov     rsi, [rbx]
        call    put_string
        print   " count="
        mov     rax, r15
        call    put_decimal
        print   " instructions="
        imul    rax, [rbx + 16]
        call    put_decimal
        push    rbx
        push    r15
        mov     rcx, r15
        mov     rax, [rbx + 8]
        mov     [code], rax
        rdtsc
        shl     rdx, 32
        or      rax, rdx
        mov     [start], rax
        call    [code]                          ; RCX: iterations; returns a checksum in RAX
        mov     [check], rax
        rdtsc
        shl     rdx, 32
        or      rax, rdx
        sub     rax, [start]
        pop     r15
        pop     rbx
        print   " ticks="
        call    put_decimal
        print   " check="
        mov     rax, [check]
        call    put_hex
        call    put_line_end
        pop     r15
        pop     r14
        pop     rbp
        ret

; ---- the loops: RCX iterations, a checksum in RAX, every register may change -----------------------------------------

; Arithmetic: one chain in which each result needs the one before (RAX, RDX), and chains that do not depend on it.
        align   16
loop_integer:
        mov     eax, 1
        mov     edx, 3
        mov     r8d, 5
        mov     r9d, 7
        mov     r10d, 11
        mov     r11d, 13
.next:  add     rax, rdx                ; 1
        xor     rdx, rax                ; 2
        rol     rdx, 7                  ; 3
        lea     rax, [rax + rdx * 2 + 1] ; 4
        imul    rdx, rdx, 31            ; 5
        sub     rax, rdx                ; 6
        add     r8, 3                   ; 7
        xor     r9, r8                  ; 8
        shr     r9, 1                   ; 9
        adc     r10, r8                 ; 10
        and     r10d, 0x7FFFFFFF        ; 11
        sub     r11, r9                 ; 12
        not     r11                     ; 13
        movzx   esi, r8b                ; 14
        add     r11, rsi                ; 15
        cmp     r10, r9                 ; 16
        cmovb   r10, r8                 ; 17
        neg     r9                      ; 18
        dec     rcx                     ; 19
        jnz     .next                   ; 20
        xor     rax, r8
        add     rax, r9
        xor     rax, r10
        add     rax, r11
        ret

; Loads and stores all over 1 MiB, of 1, 4 and 8 bytes; the stride is odd in units of 64 bytes, so that all lines are met.
        align   16
loop_memory:
        mov     edi, buffer
        xor     esi, esi
        xor     eax, eax
.next:  mov     rdx, [rdi + rsi]        ; 1
        add     rdx, rcx                ; 2
        mov     [rdi + rsi], rdx        ; 3
        mov     r8d, [rdi + rsi + 8]    ; 4
        add     r8d, edx                ; 5
        mov     [rdi + rsi + 8], r8d    ; 6
        add     rax, [rdi + rsi + 16]   ; 7
        inc     byte [rdi + rsi + 24]   ; 8
        movzx   r9d, byte [rdi + rsi + 24] ; 9
        add     rax, r9                 ; 10
        add     [rdi + rsi + 16], rax   ; 11
        xor     rax, rdx                ; 12
        add     esi, 64 * 37            ; 13
        and     esi, MEMORY - 64        ; 14
        dec     rcx                     ; 15
        jnz     .next                   ; 16
        ret

; A tree of calls: every inner node calls itself twice.
        align   16
loop_call:
        mov     rbx, rcx
        xor     eax, eax
.next:  mov     edi, CALL_DEPTH         ; 1
        call    .node                   ; 2
        dec     rbx                     ; 3
        jnz     .next                   ; 4
        ret
.node:  push    rbp                     ; 1
        test    edi, edi                ; 2
        jz      .leaf                   ; 3
        mov     ebp, edi                ; 4
        lea     edi, [rbp - 1]          ; 5
        call    .node                   ; 6
        lea     edi, [rbp - 1]          ; 7
        call    .node                   ; 8
        add     rax, rbp                ; 9
        rol     rax, 1                  ; 10
        pop     rbp                     ; 11
        ret                             ; 12
.leaf:  inc     rax                     ; 4 of a leaf
        pop     rbp                     ; 5
        ret                             ; 6

; Branches on the bits of a pseudo-random number (xorshift); both ways of each are equally long.
        align   16
loop_branch:
        mov     edx, 0x9E3779B9
        xor     eax, eax
        mov     r8d, 1
.next:  mov     r9, rdx                 ; 1
        shl     r9, 13                  ; 2
        xor     rdx, r9                 ; 3
        mov     r9, rdx                 ; 4
        shr     r9, 7                   ; 5
        xor     rdx, r9                 ; 6
        test    dl, 1                   ; 7
        jz      .even                   ; 8
        add     rax, rdx                ; 9
        jmp     .second                 ; 10
.even:  sub     rax, r8                 ; 9
        inc     r8                      ; 10
.second:
        bt      edx, 9                  ; 11
        jc      .set                    ; 12
        xor     rax, rdx                ; 13
        jmp     .third                  ; 14
.set:   add     r8, 3                   ; 13
        not     rax                     ; 14
.third: cmp     edx, r8d                ; 15
        cmova   r8, rax                 ; 16
        dec     rcx                     ; 17
        jnz     .next                   ; 18
        xor     rax, r8
        ret

; REP MOVSB, REP STOSQ, REPNE SCASB over one page each.
        align   16
loop_string:
        mov     rbx, rcx
        xor     ebp, ebp
.next:  mov     esi, buffer             ; 1
        mov     edi, buffer + BLOCK     ; 2
        mov     ecx, BLOCK              ; 3
        rep     movsb                   ; 4
        mov     rax, rbx                ; 5
        mov     edi, buffer             ; 6
        mov     ecx, BLOCK / 8          ; 7
        rep     stosq                   ; 8
        mov     edi, buffer + BLOCK     ; 9
        mov     ecx, BLOCK              ; 10
        repne   scasb                   ; 11
        add     rbp, rcx                ; 12
        dec     rbx                     ; 13
        jnz     .next                   ; 14
        mov     rax, rbp
        ret

; Writes to port 80h, which nothing needs: the cost of a VM exit.
        align   16
loop_port:
        xor     eax, eax
.next:  out     0x80, al                ; 1
        inc     eax                     ; 2
        dec     rcx                     ; 3
        jnz     .next                   ; 4
        ret

section .bss
        alignb  8
code:           resq 1
start:          resq 1
check:          resq 1
        alignb  4096
buffer:         resb MEMORY
        times BSS_SIZE - ($ - $$) resb 1        ; fails when BSS_SIZE is too small
section .text
        align   16, db 0
file_end:
