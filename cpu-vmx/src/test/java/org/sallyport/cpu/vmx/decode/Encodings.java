package org.sallyport.cpu.vmx.decode;

/** Encodings picked by hand from the SDM: mode, bytes, text. Instructions begin at address 1000h. */
final class Encodings {
  // @formatter:off
  static final String TABLE = """
      # Operand sizes, REX, byte registers
      64  48 89 d8                          mov    rax,rbx
      64  89 d8                             mov    eax,ebx
      64  66 89 d8                          mov    ax,bx
      64  66 48 89 d8                       data16 mov rax,rbx
      64  88 e0                             mov    al,ah
      64  40 88 e0                          mov    al,spl
      64  44 88 c0                          mov    al,r8b
      64  4d 8b f8                          mov    r15,r8
      64  48 b8 88 77 66 55 44 33 22 11     movabs rax,0x1122334455667788
      64  b8 78 56 34 12                    mov    eax,0x12345678
      64  48 c7 c0 ff ff ff ff              mov    rax,0xffffffffffffffff
      64  a1 88 77 66 55 44 33 22 11        movabs eax,ds:0x1122334455667788
      64  67 a1 44 33 22 11                 addr32 mov eax,ds:0x11223344
      32  a1 44 33 22 11                    mov    eax,ds:0x11223344
      16  a1 22 11                          mov    ax,ds:0x1122
      16  66 b8 78 56 34 12                 mov    eax,0x12345678
      32  b4 7f                             mov    ah,0x7f
      64  66 b8 34 12                       mov    ax,0x1234
      64  48 63 c3                          movsxd rax,ebx
      32  63 c3                             arpl   bx,ax
      64  0f b6 c4                          movzx  eax,ah
      64  48 0f be c3                       movsx  rax,bl
      64  66 0f b7 c3                       movzx  ax,bx
      # Immediates
      64  83 c0 ff                          add    eax,0xffffffff
      64  48 83 e8 80                       sub    rax,0xffffffffffffff80
      64  66 83 c8 f0                       or     ax,0xfff0
      64  48 81 c0 00 00 00 80              add    rax,0xffffffff80000000
      64  6a ff                             push   0xffffffffffffffff
      32  6a ff                             push   0xffffffff
      64  68 00 00 00 80                    push   0xffffffff80000000
      64  66 68 34 12                       pushw  0x1234
      64  6b c3 fe                          imul   eax,ebx,0xfffffffe
      64  69 c3 01 00 00 00                 imul   eax,ebx,0x1
      64  c8 00 10 02                       enter  0x1000,0x2
      64  c2 08 00                          ret    0x8
      64  cd 80                             int    0x80
      32  d4 0a                             aam    0xa
      64  f6 c1 01                          test   cl,0x1
      64  f6 c9 01                          test   cl,0x1
      64  d1 e0                             shl    eax,1
      64  c1 e0 01                          shl    eax,0x1
      64  d3 f8                             sar    eax,cl
      64  48 0f a4 d8 05                    shld   rax,rbx,0x5
      64  0f ba e0 1f                       bt     eax,0x1f
      # Addressing, SDM volume 2, tables 2-1 to 2-3
      64  8b 05 10 00 00 00                 mov    eax,DWORD PTR [rip+0x10]        # 0x1016
      64  67 8b 05 10 00 00 00              mov    eax,DWORD PTR [eip+0x10]        # 0x1017
      64  8b 04 25 10 00 00 00              mov    eax,DWORD PTR ds:0x10
      64  8b 44 98 10                       mov    eax,DWORD PTR [rax+rbx*4+0x10]
      64  42 8b 04 a0                       mov    eax,DWORD PTR [rax+r12*4]
      64  8b 04 20                          mov    eax,DWORD PTR [rax+riz*1]
      64  8b 04 24                          mov    eax,DWORD PTR [rsp]
      64  41 8b 04 24                       mov    eax,DWORD PTR [r12]
      64  41 8b 45 00                       mov    eax,DWORD PTR [r13+0x0]
      64  8b 04 8d 00 00 00 00              mov    eax,DWORD PTR [rcx*4+0x0]
      64  67 8b 40 fc                       mov    eax,DWORD PTR [eax-0x4]
      64  64 48 8b 04 25 28 00 00 00        mov    rax,QWORD PTR fs:0x28
      64  65 8b 00                          mov    eax,DWORD PTR gs:[rax]
      64  8d 44 00 01                       lea    eax,[rax+rax*1+0x1]
      32  8b 05 10 00 00 00                 mov    eax,DWORD PTR ds:0x10
      32  67 8b 40 10                       mov    eax,DWORD PTR [bx+si+0x10]
      32  2e 8b 00                          mov    eax,DWORD PTR cs:[eax]
      16  8b 00                             mov    ax,WORD PTR [bx+si]
      16  8b 01                             mov    ax,WORD PTR [bx+di]
      16  8b 42 05                          mov    ax,WORD PTR [bp+si+0x5]
      16  8b 43 fb                          mov    ax,WORD PTR [bp+di-0x5]
      16  8b 04                             mov    ax,WORD PTR [si]
      16  8b 05                             mov    ax,WORD PTR [di]
      16  8b 46 00                          mov    ax,WORD PTR [bp+0x0]
      16  8b 07                             mov    ax,WORD PTR [bx]
      16  8b 06 34 12                       mov    ax,WORD PTR ds:0x1234
      16  8b 87 00 80                       mov    ax,WORD PTR [bx-0x8000]
      16  67 66 8b 04 8b                    mov    eax,DWORD PTR [ebx+ecx*4]
      # Stack and branches
      64  50                                push   rax
      64  41 57                             push   r15
      64  66 50                             push   ax
      64  ff 75 08                          push   QWORD PTR [rbp+0x8]
      64  8f 00                             pop    QWORD PTR [rax]
      32  0e                                push   cs
      64  0f a0                             push   fs
      64  9c                                pushf
      64  66 9c                             pushfw
      32  60                                pusha
      64  eb fe                             jmp    0x1000
      64  e9 fb ff ff ff                    jmp    0x1000
      64  66 e9 fa ff ff ff                 data16 jmp 0x1000
      32  66 e9 fc 7f                       jmpw   0x9000
      16  e8 fd 00                          call   0x1100
      64  74 10                             je     0x1012
      64  0f 8f 00 01 00 00                 jg     0x1106
      64  e3 fe                             jrcxz  0x1000
      64  67 e3 fd                          jecxz  0x1000
      16  e3 fe                             jcxz   0x1000
      64  e2 fe                             loop   0x1000
      64  ff d0                             call   rax
      64  ff 24 c5 00 10 40 00              jmp    QWORD PTR [rax*8+0x401000]
      64  ff 28                             jmp    FWORD PTR [rax]
      32  ea 78 56 34 12 08 00              jmp    0x8:0x12345678
      16  ea 00 7c 00 f0                    jmp    0xf000:0x7c00
      64  c3                                ret
      64  f3 c3                             repz ret
      64  cb                                retf
      64  48 cf                             iretq
      64  cf                                iret
      16  66 cf                             iretd
      64  0f 05                             syscall
      64  48 0f 07                          sysretq
      64  3e ff e0                          notrack jmp rax
      # Strings
      64  a4                                movs   BYTE PTR es:[rdi],BYTE PTR ds:[rsi]
      64  f3 48 a5                          rep movs QWORD PTR es:[rdi],QWORD PTR ds:[rsi]
      64  f3 aa                             rep stos BYTE PTR es:[rdi],al
      64  f2 ae                             repnz scas al,BYTE PTR es:[rdi]
      64  f3 a6                             repz cmps BYTE PTR ds:[rsi],BYTE PTR es:[rdi]
      64  65 ac                             lods   al,BYTE PTR gs:[rsi]
      64  67 ab                             stos   DWORD PTR es:[edi],eax
      16  f3 6d                             rep ins WORD PTR es:[di],dx
      64  48 6f                             rex.W outs dx,DWORD PTR ds:[rsi]
      64  d7                                xlat   BYTE PTR ds:[rbx]
      64  ec                                in     al,dx
      64  e7 80                             out    0x80,eax
      # No-ops
      64  90                                nop
      64  41 90                             xchg   r8d,eax
      64  66 90                             xchg   ax,ax
      64  f3 90                             pause
      64  0f 1f 40 00                       nop    DWORD PTR [rax+0x0]
      64  66 2e 0f 1f 84 00 00 00 00 00     cs nop WORD PTR [rax+rax*1+0x0]
      64  f3 0f 1e fa                       endbr64
      64  f3 48 0f 1e c8                    rdsspq rax
      # LOCK
      64  f0 48 0f c1 03                    lock xadd QWORD PTR [rbx],rax
      64  f0 48 0f c7 0e                    lock cmpxchg16b OWORD PTR [rsi]
      64  f0 0f c7 0e                       lock cmpxchg8b QWORD PTR [rsi]
      64  f0 01 c0                          (bad)
      64  f0 8b 00                          (bad)
      64  f0 0f a3 00                       (bad)
      64  f0 0f ab 00                       lock bts DWORD PTR [rax],eax
      # Invalid
      64  06                                (bad)
      64  27                                (bad)
      64  60                                (bad)
      64  82 c0 01                          (bad)
      64  9a 00 00 00 00 00 00              (bad)
      64  ce                                (bad)
      64  d5 0a                             (bad)
      64  ea 00 00 00 00 00 00              (bad)
      64  8d c0                             (bad)
      64  8e c8                             (bad)
      64  8c f0                             (bad)
      64  ff f8                             (bad)
      64  fe d0                             (bad)
      64  8f 48 01                          (bad)
      64  0f 01 d8                          (bad)
      64  0f 20 c8                          (bad)
      64  44 0f 21 c0                       (bad)
      32  0f 05                             syscall
      32  0f 07                             sysret
      64  f3 0f 38 00 c0                    (bad)
      64  0f 0b                             ud2
      64  0f b9 c1                          ud1    eax,ecx
      # System
      64  0f 01 10                          lgdt   [rax]
      64  0f 01 1c 24                       lidt   [rsp]
      64  0f 01 38                          invlpg BYTE PTR [rax]
      64  0f 01 f8                          swapgs
      64  0f 01 f9                          rdtscp
      64  0f 01 c1                          vmcall
      64  0f 01 c2                          vmlaunch
      64  0f 01 d0                          xgetbv
      64  0f 01 cb                          stac
      64  0f 78 d8                          vmread rax,rbx
      64  0f 79 d8                          vmwrite rbx,rax
      64  0f c7 30                          vmptrld QWORD PTR [rax]
      64  66 0f c7 30                       vmclear QWORD PTR [rax]
      64  f3 0f c7 30                       vmxon  QWORD PTR [rax]
      64  66 0f 38 80 03                    invept rax,OWORD PTR [rbx]
      64  66 0f 38 82 03                    invpcid rax,[rbx]
      64  0f 22 d8                          mov    cr3,rax
      64  44 0f 20 c0                       mov    rax,cr8
      64  0f 23 f8                          mov    dr7,rax
      64  0f 20 18                          mov    rax,cr3
      64  8e d8                             mov    ds,eax
      64  48 0f ae 00                       fxsave64 [rax]
      64  0f ae 20                          xsave  [rax]
      64  0f c7 20                          xsavec [rax]
      64  0f ae 38                          clflush BYTE PTR [rax]
      64  66 0f ae 38                       clflushopt BYTE PTR [rax]
      64  0f ae f0                          mfence
      64  f3 48 0f ae c0                    rdfsbase rax
      64  f3 0f c7 f8                       rdpid  rax
      64  0f c7 f0                          rdrand eax
      64  66 0f c7 f8                       rdseed ax
      64  0f 00 d8                          ltr    ax
      64  f1                                int1
      # Bits, CRC32, ADX, MOVBE
      64  0f bc c3                          bsf    eax,ebx
      64  f3 0f bc c3                       tzcnt  eax,ebx
      64  f3 48 0f bd c3                    lzcnt  rax,rbx
      64  66 f3 0f b8 c3                    popcnt ax,bx
      64  f2 0f 38 f0 c3                    crc32  eax,bl
      64  f2 48 0f 38 f1 c3                 crc32  rax,rbx
      64  66 f2 0f 38 f1 c3                 crc32  eax,bx
      64  66 0f 38 f6 c3                    adcx   eax,ebx
      64  f3 48 0f 38 f6 c3                 adox   rax,rbx
      64  0f 38 f0 03                       movbe  eax,DWORD PTR [rbx]
      64  66 0f 38 f1 03                    movbe  WORD PTR [rbx],ax
      64  0f 38 f0 c3                       (bad)
      64  0f c8                             bswap  eax
      # x87
      64  d9 03                             fld    DWORD PTR [rbx]
      64  dd 03                             fld    QWORD PTR [rbx]
      64  db 2b                             fld    TBYTE PTR [rbx]
      64  d9 c1                             fld    st(1)
      64  d8 c1                             fadd   st,st(1)
      64  dc c1                             fadd   st(1),st
      64  de c1                             faddp  st(1),st
      64  dc e1                             fsubr  st(1),st
      64  dc e9                             fsub   st(1),st
      64  de f1                             fdivrp st(1),st
      64  de d9                             fcompp
      64  da e9                             fucompp
      64  df e0                             fnstsw ax
      64  dd 7d 00                          fnstsw WORD PTR [rbp+0x0]
      64  db e3                             fninit
      64  9b                                fwait
      64  df e9                             fucomip st,st(1)
      64  da c1                             fcmovb st,st(1)
      64  db d9                             fcmovnu st,st(1)
      64  db 0b                             fisttp DWORD PTR [rbx]
      64  df 23                             fbld   TBYTE PTR [rbx]
      64  dd 33                             fnsave [rbx]
      64  d9 e2                             (bad)
      # MMX and SSE
      64  0f fc c1                          paddb  mm0,mm1
      64  66 44 0f fc c1                    paddb  xmm8,xmm1
      64  f3 0f fc c1                       (bad)
      64  0f 6e c3                          movd   mm0,ebx
      64  66 48 0f 6e c3                    movq   xmm0,rbx
      64  f3 0f 7e c1                       movq   xmm0,xmm1
      64  66 0f d6 03                       movq   QWORD PTR [rbx],xmm0
      64  0f 60 03                          punpcklbw mm0,DWORD PTR [rbx]
      64  0f 28 03                          movaps xmm0,XMMWORD PTR [rbx]
      64  f3 0f 10 03                       movss  xmm0,DWORD PTR [rbx]
      64  f2 0f 10 03                       movsd  xmm0,QWORD PTR [rbx]
      64  66 f2 0f 10 03                    data16 movsd xmm0,QWORD PTR [rbx]
      64  0f 12 c1                          movhlps xmm0,xmm1
      64  0f 12 03                          movlps xmm0,QWORD PTR [rbx]
      64  66 0f 12 c1                       (bad)
      64  f2 48 0f 2a c3                    cvtsi2sd xmm0,rbx
      64  f2 0f 2c c1                       cvttsd2si eax,xmm1
      64  0f c2 c1 00                       cmpeqps xmm0,xmm1
      64  f2 0f c2 c1 06                    cmpnlesd xmm0,xmm1
      64  66 0f c5 c1 03                    pextrw eax,xmm1,0x3
      64  66 0f 71 d1 04                    psrlw  xmm1,0x4
      64  0f 71 11 04                       (bad)
      64  66 0f 38 10 c1                    pblendvb xmm0,xmm1,xmm0
      64  66 0f 38 20 03                    pmovsxbw xmm0,QWORD PTR [rbx]
      64  66 0f 3a 16 c3 01                 pextrd ebx,xmm0,0x1
      64  66 48 0f 3a 22 c3 01              pinsrq xmm0,rbx,0x1
      64  66 0f 3a 0f c1 08                 palignr xmm0,xmm1,0x8
      64  66 0f 3a 44 c1 11                 pclmulhqhqdq xmm0,xmm1
      64  66 0f 38 dc c1                    aesenc xmm0,xmm1
      64  0f 38 cb c1                       sha256rnds2 xmm0,xmm1,xmm0
      64  0f e7 03                          movntq QWORD PTR [rbx],mm0
      64  0f ae 13                          ldmxcsr DWORD PTR [rbx]
      64  0f 77                             emms
      """;
  // @formatter:on

  private Encodings() {}
}
