package org.sallyport.cpu.vmx.decode;

/** The general and system instructions of the opcode map 0F (SDM volume 2, tables ). */
final class TwoByteMap {
  // @formatter:off
  static final String ROWS = """
      # op  when        mnemonic      operands     flags
      00    /0 m        SLDT          Mw
      00    /0 r        SLDT          Rv
      00    /1 m        STR           Mw
      00    /1 r        STR           Rv
      00    /2          LLDT          Ew
      00    /3          LTR           Ew
      00    /4          VERR          Ew
      00    /5          VERW          Ew
      01    /0 m        SGDT          Ms           f64
      01    /1 m        SIDT          Ms           f64
      01    /2 m        LGDT          Ms           f64
      01    /3 m        LIDT          Ms           f64
      01    /4 m        SMSW          Mw
      01    /4 r        SMSW          Rv
      01    /5 m f3     RSTORSSP      Mq
      01    /6          LMSW          Ew
      01    /7 m        INVLPG        M
      01    /0.0 np     ENCLV
      01    /0.1        VMCALL
      01    /0.2        VMLAUNCH
      01    /0.3        VMRESUME
      01    /0.4        VMXOFF
      01    /0.5 np     PCONFIG
      01    /0.6 np     WRMSRNS
      01    /1.0        MONITOR
      01    /1.1        MWAIT
      01    /1.2 np     CLAC
      01    /1.3 np     STAC
      01    /1.7 np     ENCLS
      01    /2.0 np     XGETBV
      01    /2.1 np     XSETBV
      01    /2.4 np     VMFUNC
      01    /2.5 np     XEND
      01    /2.6 np     XTEST
      01    /2.7 np     ENCLU
      01    /5.0 np     SERIALIZE
      01    /5.0 f2     XSUSLDTRK
      01    /5.1 f2     XRESLDTRK
      01    /5.0 f3     SETSSBSY
      01    /5.2 f3     SAVEPREVSSP
      01    /5.4 f3 x64 UIRET
      01    /5.5 f3 x64 TESTUI
      01    /5.6 f3 x64 CLUI
      01    /5.7 f3 x64 STUI
      01    /5.6 np     RDPKRU
      01    /5.7 np     WRPKRU
      01    /7.0 x64    SWAPGS
      01    /7.1        RDTSCP
      02    m           LAR           Gv,Mw
      02    r           LAR           Gv,Rv
      03    m           LSL           Gv,Mw
      03    r           LSL           Gv,Rv
      05                SYSCALL
      06                CLTS
      07                SYSRET
      08                INVD
      09    f3          WBNOINVD
      09                WBINVD
      0B                UD2
      0D    m /1        PREFETCHW     Mb
      0D    m /2        PREFETCHWT1   Mb
      0D    m           PREFETCH      Mb
      0D    r           NOP           Rv
      18    m /0        PREFETCHNTA   Mb
      18    m /1        PREFETCHT0    Mb
      18    m /2        PREFETCHT1    Mb
      18    m /3        PREFETCHT2    Mb
      18                NOP           Ev
      19                NOP           Ev
      1A                NOP           Ev
      1B                NOP           Ev
      1C    np /0 m     CLDEMOTE      Mb
      1C                NOP           Ev
      1D                NOP           Ev
      1E    f3 /1 r     RDSSP         Ry
      1E    f3 /7.2     ENDBR
      1E    f3 /7.3     ENDBR
      1E                NOP           Ev
      1F                NOP           Ev
      20                MOV           Ry,Cy        f64 mod3
      21                MOV           Ry,Dy        f64 mod3
      22                MOV           Cy,Ry        f64 mod3
      23                MOV           Dy,Ry        f64 mod3
      30                WRMSR
      31                RDTSC
      32                RDMSR
      33                RDPMC
      34                SYSENTER
      35                SYSEXIT
      37    np          GETSEC
      40+cc             CMOV          Gv,Ev
      78    np          VMREAD        Ey,Gy        f64
      79    np          VMWRITE       Gy,Ey        f64
      80+cc             J             Jz           f64
      90+cc             SET           Eb
      A0                PUSH          FS           d64
      A1                POP           FS           d64
      A2                CPUID
      A3                BT            Ev,Gv
      A4                SHLD          Ev,Gv,Iub
      A5                SHLD          Ev,Gv,CL
      A8                PUSH          GS           d64
      A9                POP           GS           d64
      AA                RSM
      AB                BTS           Ev,Gv        lock
      AC                SHRD          Ev,Gv,Iub
      AD                SHRD          Ev,Gv,CL
      AE    np /0 m     FXSAVE        Mfx
      AE    np /1 m     FXRSTOR       Mfx
      AE    np /2 m     LDMXCSR       Md
      AE    np /3 m     STMXCSR       Md
      AE    np /4 m     XSAVE         M
      AE    np /5 m     XRSTOR        M
      AE    np /6 m     XSAVEOPT      M
      AE    np /7 m     CLFLUSH       Mb
      AE    66 /6 m     CLWB          Mb
      AE    66 /7 m     CLFLUSHOPT    Mb
      AE    f3 /6 m     CLRSSBSY      Mq
      AE    f3 /4       PTWRITE       Ey
      AE    f3 /0 r x64 RDFSBASE      Ry
      AE    f3 /1 r x64 RDGSBASE      Ry
      AE    f3 /2 r x64 WRFSBASE      Ry
      AE    f3 /3 r x64 WRGSBASE      Ry
      AE    f3 /5 r     INCSSP        Ry
      AE    np /5 r     LFENCE
      AE    np /6 r     MFENCE
      AE    np /7 r     SFENCE
      AE    66 /6 r     TPAUSE        Rd
      AE    f3 /6 r     UMONITOR      Radr
      AE    f2 /6 r     UMWAIT        Rd
      AF                IMUL          Gv,Ev
      B0                CMPXCHG       Eb,Gb        lock
      B1                CMPXCHG       Ev,Gv        lock
      B2                LSS           Gv,Mp
      B3                BTR           Ev,Gv        lock
      B4                LFS           Gv,Mp
      B5                LGS           Gv,Mp
      B6                MOVZX         Gv,Eb
      B7                MOVZX         Gv,Ew
      B8    f3          POPCNT        Gv,Ev
      B9                UD1           Gv,Ev
      BA    /4          BT            Ev,Iub
      BA    /5          BTS           Ev,Iub       lock
      BA    /6          BTR           Ev,Iub       lock
      BA    /7          BTC           Ev,Iub       lock
      BB                BTC           Ev,Gv        lock
      BC    f3          TZCNT         Gv,Ev
      BC                BSF           Gv,Ev
      BD    f3          LZCNT         Gv,Ev
      BD                BSR           Gv,Ev
      BE                MOVSX         Gv,Eb
      BF                MOVSX         Gv,Ew
      C0                XADD          Eb,Gb        lock
      C1                XADD          Ev,Gv        lock
      C3    np          MOVNTI        My,Gy
      C7    /1 m w0     CMPXCHG8B     Mq           lock
      C7    /1 m w1     CMPXCHG16B    Mx           lock
      C7    np /3 m     XRSTORS       M
      C7    np /4 m     XSAVEC        M
      C7    np /5 m     XSAVES        M
      C7    np /6 m     VMPTRLD       Mq
      C7    66 /6 m     VMCLEAR       Mq
      C7    f3 /6 m     VMXON         Mq
      C7    np /7 m     VMPTRST       Mq
      C7    np|66 /6 r  RDRAND        Rv
      C7    np|66 /7 r  RDSEED        Rv
      C7    f3 /6 r x64 SENDUIPI      Rq
      C7    f3 /7 r     RDPID         Ry           f64
      C8+               BSWAP         Zv
      FF                UD0           Gv,Ev
      """;
  // @formatter:on

  private TwoByteMap() {}
}
