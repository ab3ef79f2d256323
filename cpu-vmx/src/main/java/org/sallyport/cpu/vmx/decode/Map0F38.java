package org.sallyport.cpu.vmx.decode;

/** The opcode map 0F38 (SDM volume 2, table A-4). */
final class Map0F38 {
  // @formatter:off
  static final String ROWS = """
      # op  when     mnemonic     operands     flags
      00    mmx      PSHUFB
      01    mmx      PHADDW
      02    mmx      PHADDD
      03    mmx      PHADDSW
      04    mmx      PMADDUBSW
      05    mmx      PHSUBW
      06    mmx      PHSUBD
      07    mmx      PHSUBSW
      08    mmx      PSIGNB
      09    mmx      PSIGNW
      0A    mmx      PSIGND
      0B    mmx      PMULHRSW
      10    66       PBLENDVB     Vx,Wx,XMM0
      14    66       BLENDVPS     Vx,Wx,XMM0
      15    66       BLENDVPD     Vx,Wx,XMM0
      17    66       PTEST        Vx,Wx
      1C    mmx      PABSB
      1D    mmx      PABSW
      1E    mmx      PABSD
      20    66       PMOVSXBW     Vx,Wq
      21    66       PMOVSXBD     Vx,Wd
      22    66       PMOVSXBQ     Vx,Ww
      23    66       PMOVSXWD     Vx,Wq
      24    66       PMOVSXWQ     Vx,Wd
      25    66       PMOVSXDQ     Vx,Wq
      28    66       PMULDQ       Vx,Wx
      29    66       PCMPEQQ      Vx,Wx
      2A    66       MOVNTDQA     Vx,Mx
      2B    66       PACKUSDW     Vx,Wx
      30    66       PMOVZXBW     Vx,Wq
      31    66       PMOVZXBD     Vx,Wd
      32    66       PMOVZXBQ     Vx,Ww
      33    66       PMOVZXWD     Vx,Wq
      34    66       PMOVZXWQ     Vx,Wd
      35    66       PMOVZXDQ     Vx,Wq
      37    66       PCMPGTQ      Vx,Wx
      38    66       PMINSB       Vx,Wx
      39    66       PMINSD       Vx,Wx
      3A    66       PMINUW       Vx,Wx
      3B    66       PMINUD       Vx,Wx
      3C    66       PMAXSB       Vx,Wx
      3D    66       PMAXSD       Vx,Wx
      3E    66       PMAXUW       Vx,Wx
      3F    66       PMAXUD       Vx,Wx
      40    66       PMULLD       Vx,Wx
      41    66       PHMINPOSUW   Vx,Wx
      80    66       INVEPT       Gy,Mx        f64
      81    66       INVVPID      Gy,Mx        f64
      82    66       INVPCID      Gy,Mx        f64
      C8    np       SHA1NEXTE    Vx,Wx
      C9    np       SHA1MSG1     Vx,Wx
      CA    np       SHA1MSG2     Vx,Wx
      CB    np       SHA256RNDS2  Vx,Wx,XMM0
      CC    np       SHA256MSG1   Vx,Wx
      CD    np       SHA256MSG2   Vx,Wx
      CF    66       GF2P8MULB    Vx,Wx
      DB    66       AESIMC       Vx,Wx
      DC    66       AESENC       Vx,Wx
      DD    66       AESENCLAST   Vx,Wx
      DE    66       AESDEC       Vx,Wx
      DF    66       AESDECLAST   Vx,Wx
      F0    np|66    MOVBE        Gv,Mv
      F0    f2       CRC32        Gy,Eb
      F1    np|66    MOVBE        Mv,Gv
      F1    f2       CRC32        Gy,Ev
      F5    66       WRUSS        My,Gy
      F6    np       WRSS         My,Gy
      F6    66       ADCX         Gy,Ey
      F6    f3       ADOX         Gy,Ey
      F8    66       MOVDIR64B    Gadr,Mzz
      F8    f3       ENQCMDS      Gadr,Mzz
      F8    f2       ENQCMD       Gadr,Mzz
      F9    np       MOVDIRI      My,Gy
      """;
  // @formatter:on

  private Map0F38() {}
}
