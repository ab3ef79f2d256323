; A Linux program for the stress of several processors: pairs of threads hand a word to and fro with futexes, and one more word is
; counted up by all threads with LOCK XADD. Usage: futex PAIRS ROUNDS (at most 16 pairs). Ends with status 0 and one line, or 1 when a
; hand-over or a count got lost.
;
; Interfaces: Linux's system calls on x86-64; FUTEX_WAIT and FUTEX_WAKE of futex(2).
bits 64

SYS_WRITE    equ 1
SYS_CLONE    equ 56
SYS_EXIT     equ 60
SYS_FUTEX    equ 202
SYS_EXIT_ALL equ 231
FUTEX_WAIT   equ 0 | 128                ; private
FUTEX_WAKE   equ 1 | 128
; VM, FS, FILES, SIGHAND, THREAD, SYSVSEM
CLONE_THREAD equ 0x00050f00
MOST_PAIRS   equ 16
STACK        equ 4096
LINE         equ 64                     ; a pair's word has a cache line of its own

org 0x400000
file:
  db 0x7f, "ELF", 2, 1, 1, 0
  dq 0
  dw 2, 62
  dd 1
  dq start
  dq load - file
  dq 0
  dd 0
  dw 64, 56, 1, 0, 0, 0
load:
  dd 1, 7                               ; load; read, write, execute
  dq 0, file, file
  dq end - file
  dq memory_end - file
  dq 4096

start:
  cmp dword [rsp], 3
  jne usage
  mov rsi, [rsp+16]
  call number
  mov [pairs], eax
  lea ecx, [rax-1]
  cmp ecx, MOST_PAIRS
  jae usage
  mov rsi, [rsp+24]
  call number
  mov [rounds], eax

  xor ebx, ebx                          ; two threads for each pair
.create:
  mov eax, SYS_CLONE
  mov edi, CLONE_THREAD
  lea rsi, [rbx+1]
  imul rsi, rsi, STACK
  add rsi, stacks
  xor edx, edx
  xor r10d, r10d
  xor r8d, r8d
  syscall
  test rax, rax
  jz player
  js failed
  inc ebx
  mov eax, [pairs]
  add eax, eax
  cmp ebx, eax
  jb .create

.wait:                                  ; until all have finished
  mov eax, [finished]
  mov ecx, [pairs]
  add ecx, ecx
  cmp eax, ecx
  je .check
  mov edx, eax
  mov rdi, finished
  call wait_while
  jmp .wait
.check:
  mov eax, [rounds]                     ; each of the threads counts once in each round
  imul rax, rcx
  cmp rax, [total]
  jne failed
  mov rsi, good
  mov edx, good_end - good
  xor ebx, ebx
  jmp say
failed:
  mov rsi, bad
  mov edx, bad_end - bad
  mov ebx, 1
  jmp say
usage:
  mov rsi, help
  mov edx, help_end - help
  mov ebx, 2
say:
  mov eax, SYS_WRITE
  mov edi, 1
  syscall
  mov eax, SYS_EXIT_ALL
  mov edi, ebx
  syscall

; Thread EBX: number EBX / 2 is its pair, EBX & 1 its side. The word counts moves; a side moves when the word's parity is its own.
player:
  mov ebp, ebx
  and ebp, 1
  shr ebx, 1
  imul ebx, ebx, LINE
  lea r12, [words+rbx]
  mov r13d, [rounds]
.round:
  mov edx, [r12]
  mov eax, edx
  and eax, 1
  cmp eax, ebp
  je .move
  mov rdi, r12
  call wait_while
  jmp .round
.move:
  mov eax, edx
  lea ecx, [rdx+1]
  lock cmpxchg [r12], ecx
  jne failed                            ; nobody else may move now
  mov eax, 1
  lock xadd [total], rax
  mov rdi, r12
  call wake
  dec r13d
  jnz .round
  lock inc dword [finished]
  mov rdi, finished
  call wake
  mov eax, SYS_EXIT
  xor edi, edi
  syscall

; Sleeps while the word at RDI is EDX.
wait_while:
  mov eax, SYS_FUTEX
  mov esi, FUTEX_WAIT
  xor r10d, r10d
  syscall
  ret

; Wakes who sleeps on the word at RDI.
wake:
  mov eax, SYS_FUTEX
  mov esi, FUTEX_WAKE
  mov edx, 1
  syscall
  ret

; Reads the decimal number at RSI into EAX.
number:
  xor eax, eax
.digit:
  movzx ecx, byte [rsi]
  sub ecx, '0'
  cmp ecx, 10
  jae .done
  imul eax, eax, 10
  add eax, ecx
  inc rsi
  jmp .digit
.done:
  ret

good: db "futex: nothing lost", 10
good_end:
bad: db "futex: a hand-over or a count got lost", 10
bad_end:
help: db "usage: futex PAIRS ROUNDS", 10
help_end:
end:

absolute 0x400000 + end - file
alignb 64
words: resb MOST_PAIRS * LINE
total: resq 1
pairs: resd 1
rounds: resd 1
alignb 64
finished: resd 1
alignb 4096
stacks: resb 2 * MOST_PAIRS * STACK
memory_end:
