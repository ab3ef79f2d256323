; The guest that Sallyport ships: a small 64-bit program that meets each part of a PC once and says what it saw.
;
;   nasm -f bin -i ../common/ -o hello.elf hello.asm
;
; In order: mode switch (boot.inc), CPUID, page faults, PIC and PIT, IO APIC, local APIC timer, a line of input by the
; UART's interrupt, power-off by ACPI. With the word "noinput" on the command line it does not ask for the line.

BSS_SIZE        equ 0x20000

%include "boot.inc"
%include "serial.inc"
%include "exit.inc"
%include "interrupts.inc"
%include "cmdline.inc"

TICKS           equ 10

main:
        call    serial_init
        print   "Hello from Sallyport"
        call    put_line_end
        call    show_cpu
        call    show_memory
        call    interrupts_init
        call    test_paging
        call    pic_init
        call    apic_init
        call    test_pit
        call    test_ioapic
        call    test_lapic_timer
        call    test_input
        jmp     power_off

; ---- what there is -------------------------------------------------------------------------------------------------
show_cpu:
        print   "cpu: "
        xor     eax, eax
        cpuid
        mov     [text], ebx
        mov     [text + 4], edx
        mov     [text + 8], ecx
        mov     byte [text + 12], 0
        mov     esi, text
        call    put_string
        mov     eax, 0x80000000
        cpuid
        cmp     eax, 0x80000004
        jb      .end                            ; no brand string
        mov     edi, text
        mov     esi, 0x80000002
.brand: mov     eax, esi
        cpuid
        mov     [rdi], eax
        mov     [rdi + 4], ebx
        mov     [rdi + 8], ecx
        mov     [rdi + 12], edx
        add     edi, 16
        inc     esi
        cmp     esi, 0x80000004
        jbe     .brand
        mov     byte [rdi], 0
        print   ", "
        mov     esi, text
.blank: cmp     byte [rsi], ' '                 ; some brand strings are filled up in front
        jne     .put
        inc     esi
        jmp     .blank
.put:   call    put_string
.end:   jmp     put_line_end

show_memory:
        cmp     dword [boot_magic], MULTIBOOT_LOADER_MAGIC
        jne     .end
        mov     ebx, [boot_info]
        test    dword [rbx], 1                  ; mem_lower and mem_upper are valid
        jz      .end
        print   "memory: "
        mov     eax, [rbx + 4]
        call    put_decimal
        print   " KiB below 640 KiB, "
        mov     eax, [rbx + 8]
        call    put_decimal
        print   " KiB above 1 MiB"
        call    put_line_end
.end:   ret

; ---- paging: two faults from one store -----------------------------------------------------------------------------
; The store goes to a page that is not there: the handler makes page tables for it, but read-only. The processor starts
; the store again and faults again: the handler permits writing.
TEST_PAGE       equ 0x8000000000                ; 512 GiB: the second entry of the PML4
TEST_OFFSET     equ 8
PF_PRESENT_WRITE equ 3
PF_WRITE        equ 2

test_paging:
        mov     edi, 14
        lea     rax, [page_fault]
        call    set_gate
        mov     rbx, TEST_PAGE + TEST_OFFSET
        mov     rax, 0x123456789ABCDEF0
        mov     [rbx], rax
        cmp     [test_frame + TEST_OFFSET], rax ; the same memory by its other address
        jne     .wrong
        cmp     dword [faults], 2
        jne     .wrong
        print   "paging: write to an absent page (error code 2) and to a read-only one (3) handled at "
        mov     rax, rbx
        call    put_hex
        jmp     put_line_end
.wrong: print   "paging: wrong after "
        mov     eax, [faults]
        call    put_decimal
        print   " faults"
        call    put_line_end
        mov     al, 3
        jmp     debug_exit

page_fault:
        push    rax
        push    rbx
        mov     rax, cr2
        mov     rbx, TEST_PAGE + TEST_OFFSET
        cmp     rax, rbx
        jne     .unexpected
        mov     rax, [rsp + 16]                 ; error code
        cmp     rax, PF_WRITE
        je      .absent
        cmp     rax, PF_PRESENT_WRITE
        jne     .unexpected
        mov     dword [test_table], test_frame + PTE_P + PTE_RW
        invlpg  [rbx]
        jmp     .handled
.absent:
        mov     dword [test_table], test_frame + PTE_P
        mov     dword [test_directory], test_table + PTE_P + PTE_RW
        mov     dword [test_pdpt], test_directory + PTE_P + PTE_RW
        mov     dword [pml4 + 8], test_pdpt + PTE_P + PTE_RW
.handled:
        inc     dword [faults]
        pop     rbx
        pop     rax
        add     rsp, 8
        iretq
.unexpected:
        pop     rbx
        pop     rax
        push    14
        jmp     exception

; ---- timers --------------------------------------------------------------------------------------------------------
; 8254 channel 0 (data at 40h, control word at 43h)
PIT_CHANNEL0    equ 0x40
PIT_CONTROL     equ 0x43
PIT_MODE2       equ 0x34                        ; channel 0, low then high byte, mode 2 (rate generator), binary
PIT_1KHZ        equ 1193                        ; of 1193182 Hz

; Local APIC registers (SDM volume 3, table "Local APIC Register Address Map")
LAPIC_ID        equ 0x020
LAPIC_EOI       equ 0x0B0
LAPIC_SVR       equ 0x0F0
LAPIC_LVT_TIMER equ 0x320
LAPIC_LVT_LINT0 equ 0x350
LAPIC_LVT_LINT1 equ 0x360
LAPIC_INITIAL   equ 0x380
LAPIC_DIVIDE    equ 0x3E0
SVR_ENABLE      equ 1 << 8
LVT_MASKED      equ 1 << 16
LVT_PERIODIC    equ 1 << 17
LVT_EXTINT      equ 7 << 8
LVT_NMI         equ 4 << 8
DIVIDE_BY_16    equ 3
TIMER_COUNT     equ 50000
IA32_APIC_BASE  equ 0x1B
APIC_BASE_EN    equ 1 << 11

; IO APIC (82093AA): index and window register
IOAPIC          equ 0xFEC00000
IOREGSEL        equ 0x00
IOWIN           equ 0x10
IOAPICVER       equ 1
IOREDTBL2       equ 0x10 + 2 * 2                ; pin 2: the timer, on every PC with an IO APIC

VECTOR_PIT      equ PIC_VECTOR + 0
VECTOR_COM1     equ PIC_VECTOR + 4
VECTOR_LAPIC    equ 0x40
VECTOR_IOAPIC   equ 0x50
VECTOR_SPURIOUS equ 0xFF

; Waits, halted, until a counter has seen TICKS interrupts. Interrupts are off before and afterwards; STI lets none in
; before HLT, so that none is missed.
%macro wait_for_ticks 1
%%wait: cmp     dword [%1], TICKS
        jae     %%done
        sti
        hlt
        cli
        jmp     %%wait
%%done:
%endmacro

test_pit:
        mov     edi, VECTOR_PIT
        lea     rax, [pit_interrupt]
        call    set_gate
        mov     edi, 0
        call    pic_only
        call    start_pit
        wait_for_ticks pit_ticks
        mov     edi, 8
        call    pic_only
        print   "pit: "
        mov     eax, TICKS
        call    put_decimal
        print   " ticks"
        jmp     put_line_end

start_pit:
        outb    PIT_CONTROL, PIT_MODE2
        outb    PIT_CHANNEL0, PIT_1KHZ & 0xFF
        outb    PIT_CHANNEL0, PIT_1KHZ >> 8
        ret

pit_interrupt:
        push    rax
        inc     dword [pit_ticks]
        mov     al, PIC_EOI
        out     PIC1, al
        pop     rax
        iretq

; Switches the local APIC on, in virtual wire mode: the PIC's interrupts come through LINT0.
apic_init:
        mov     eax, 1
        cpuid
        bt      edx, 9                          ; APIC
        jnc     .end
        mov     ecx, IA32_APIC_BASE
        rdmsr
        or      eax, APIC_BASE_EN
        wrmsr
        and     eax, 0xFFFFF000
        mov     [lapic], eax
        mov     ebx, eax
        mov     edi, VECTOR_SPURIOUS
        lea     rax, [spurious_interrupt]
        call    set_gate
        mov     dword [rbx + LAPIC_SVR], SVR_ENABLE + VECTOR_SPURIOUS
        mov     dword [rbx + LAPIC_LVT_LINT0], LVT_EXTINT
        mov     dword [rbx + LAPIC_LVT_LINT1], LVT_NMI
.end:   ret

spurious_interrupt:
        iretq

; The PIT again, now by pin 2 of the IO APIC
test_ioapic:
        print   "ioapic: "
        cmp     dword [lapic], 0
        je      .none
        mov     ebx, IOAPIC
        mov     dword [rbx + IOREGSEL], IOAPICVER
        mov     eax, [rbx + IOWIN]
        cmp     eax, -1                         ; nothing there: all ones
        je      .none
        mov     edi, VECTOR_IOAPIC
        lea     rax, [ioapic_interrupt]
        call    set_gate
        mov     esi, [lapic]
        mov     eax, [rsi + LAPIC_ID]
        and     eax, 0xFF000000
        mov     dword [rbx + IOREGSEL], IOREDTBL2 + 1
        mov     [rbx + IOWIN], eax              ; destination: this processor
        mov     dword [rbx + IOREGSEL], IOREDTBL2
        mov     dword [rbx + IOWIN], VECTOR_IOAPIC
        wait_for_ticks ioapic_ticks
        mov     dword [rbx + IOREGSEL], IOREDTBL2
        mov     dword [rbx + IOWIN], LVT_MASKED
        mov     eax, TICKS
        call    put_decimal
        print   " ticks"
        jmp     put_line_end
.none:  print   "none"
        jmp     put_line_end

ioapic_interrupt:
        push    rax
        inc     dword [ioapic_ticks]
        mov     eax, [lapic]
        mov     dword [rax + LAPIC_EOI], 0
        pop     rax
        iretq

test_lapic_timer:
        print   "lapic: "
        mov     ebx, [lapic]
        test    ebx, ebx
        jz      .none
        mov     edi, VECTOR_LAPIC
        lea     rax, [lapic_interrupt]
        call    set_gate
        mov     dword [rbx + LAPIC_DIVIDE], DIVIDE_BY_16
        mov     dword [rbx + LAPIC_LVT_TIMER], LVT_PERIODIC + VECTOR_LAPIC
        mov     dword [rbx + LAPIC_INITIAL], TIMER_COUNT
        wait_for_ticks lapic_ticks
        mov     dword [rbx + LAPIC_LVT_TIMER], LVT_MASKED
        mov     dword [rbx + LAPIC_INITIAL], 0
        mov     eax, TICKS
        call    put_decimal
        print   " ticks"
        jmp     put_line_end
.none:  print   "none"
        jmp     put_line_end

lapic_interrupt:
        push    rax
        inc     dword [lapic_ticks]
        mov     eax, [lapic]
        mov     dword [rax + LAPIC_EOI], 0
        pop     rax
        iretq

; ---- a line of input -----------------------------------------------------------------------------------------------
; IRQ 4 brings the bytes into a ring; the line is echoed while it is typed.
RING            equ 256                         ; bytes; the indices are bytes, too, and wrap by themselves
LINE            equ 200
BACKSPACE       equ 8
DELETE          equ 127

test_input:
        lea     rsi, [.noinput]
        call    find_option
        test    rax, rax
        jnz     .skip
        mov     edi, VECTOR_COM1
        lea     rax, [com1_interrupt]
        call    set_gate
        mov     edi, 4
        call    pic_only
        outb    MCR, MCR_DTR_RTS + MCR_OUT2
        outb    IER, IER_RDA
        print   "type a line: "
        xor     ebx, ebx                        ; length of the line
.next:  call    get_char
        cmp     al, 13
        je      .end
        cmp     al, 10
        je      .end
        cmp     al, BACKSPACE
        je      .erase
        cmp     al, DELETE
        je      .erase
        cmp     ebx, LINE
        jae     .next
        mov     [text + rbx], al
        inc     ebx
        call    put_char
        jmp     .next
.erase: test    ebx, ebx
        jz      .next
        dec     ebx
        print   {BACKSPACE, " ", BACKSPACE}
        jmp     .next
.end:   call    put_line_end
        print   "reversed: "
.back:  test    ebx, ebx
        jz      .done
        dec     ebx
        mov     al, [text + rbx]
        call    put_char
        jmp     .back
.done:  outb    IER, 0
        jmp     put_line_end
.skip:  ret
.noinput: db    "noinput", 0

; AL: the next byte; halts until there is one
get_char:
        push    rbx
.wait:  movzx   ebx, byte [ring_tail]
        cmp     bl, [ring_head]
        jne     .take
        sti
        hlt
        cli
        jmp     .wait
.take:  mov     al, [ring + rbx]
        inc     byte [ring_tail]
        pop     rbx
        ret

com1_interrupt:
        push    rax
        push    rbx
        push    rdx
        mov     dx, IIR_FCR
        in      al, dx
.next:  mov     dx, LSR
        in      al, dx
        test    al, LSR_DR
        jz      .empty
        mov     dx, RBR_THR
        in      al, dx
        movzx   ebx, byte [ring_head]
        mov     [ring + rbx], al
        inc     byte [ring_head]
        jmp     .next
.empty: mov     al, PIC_EOI
        out     PIC1, al
        pop     rdx
        pop     rbx
        pop     rax
        iretq

%include "poweroff.inc"

section .bss
        alignb  4096
test_pdpt:      resb 4096
test_directory: resb 4096
test_table:     resb 4096
test_frame:     resb 4096
text:           resb 256
ring:           resb RING
faults:         resd 1
pit_ticks:      resd 1
ioapic_ticks:   resd 1
lapic_ticks:    resd 1
lapic:          resd 1                          ; address of the local APIC's registers, 0 when there is none
ring_head:      resb 1
ring_tail:      resb 1
        times BSS_SIZE - ($ - $$) resb 1        ; fails when BSS_SIZE is too small
section .text
        align   16, db 0
file_end:
