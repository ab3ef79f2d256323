package org.sallyport.cpu.vmx.decode;

/** MMX and SSE to SSE3 in the opcode map 0F (SDM volume 2, table A-3). */
final class TwoByteVectorMap {
  // @formatter:off
  static final String ROWS = """
      # op  when     mnemonic    operands     flags
      10    np       MOVUPS      Vps,Wps
      10    66       MOVUPD      Vpd,Wpd
      10    f3       MOVSS       Vss,Wss
      10    f2       MOVSD       Vsd,Wsd
      11    np       MOVUPS      Wps,Vps
      11    66       MOVUPD      Wpd,Vpd
      11    f3       MOVSS       Wss,Vss
      11    f2       MOVSD       Wsd,Vsd
      12    np m     MOVLPS      Vq,Mq
      12    np r     MOVHLPS     Vq,Uq
      12    66       MOVLPD      Vq,Mq
      12    f3       MOVSLDUP    Vps,Wps
      12    f2       MOVDDUP     Vpd,Wq
      13    np       MOVLPS      Mq,Vq
      13    66       MOVLPD      Mq,Vq
      14    np       UNPCKLPS    Vps,Wps
      14    66       UNPCKLPD    Vpd,Wpd
      15    np       UNPCKHPS    Vps,Wps
      15    66       UNPCKHPD    Vpd,Wpd
      16    np m     MOVHPS      Vq,Mq
      16    np r     MOVLHPS     Vq,Uq
      16    66       MOVHPD      Vq,Mq
      16    f3       MOVSHDUP    Vps,Wps
      17    np       MOVHPS      Mq,Vq
      17    66       MOVHPD      Mq,Vq
      28    np       MOVAPS      Vps,Wps
      28    66       MOVAPD      Vpd,Wpd
      29    np       MOVAPS      Wps,Vps
      29    66       MOVAPD      Wpd,Vpd
      2A    np       CVTPI2PS    Vps,Qq
      2A    66       CVTPI2PD    Vpd,Qq
      2A    f3       CVTSI2SS    Vss,Ey
      2A    f2       CVTSI2SD    Vsd,Ey
      2B    np       MOVNTPS     Mps,Vps
      2B    66       MOVNTPD     Mpd,Vpd
      2C    np       CVTTPS2PI   Pq,Wq
      2C    66       CVTTPD2PI   Pq,Wpd
      2C    f3       CVTTSS2SI   Gy,Wss
      2C    f2       CVTTSD2SI   Gy,Wsd
      2D    np       CVTPS2PI    Pq,Wq
      2D    66       CVTPD2PI    Pq,Wpd
      2D    f3       CVTSS2SI    Gy,Wss
      2D    f2       CVTSD2SI    Gy,Wsd
      2E    np       UCOMISS     Vss,Wss
      2E    66       UCOMISD     Vsd,Wsd
      2F    np       COMISS      Vss,Wss
      2F    66       COMISD      Vsd,Wsd
      50    np       MOVMSKPS    Gy,Ups
      50    66       MOVMSKPD    Gy,Upd
      51    np       SQRTPS      Vps,Wps
      51    66       SQRTPD      Vpd,Wpd
      51    f3       SQRTSS      Vss,Wss
      51    f2       SQRTSD      Vsd,Wsd
      52    np       RSQRTPS     Vps,Wps
      52    f3       RSQRTSS     Vss,Wss
      53    np       RCPPS       Vps,Wps
      53    f3       RCPSS       Vss,Wss
      54    np       ANDPS       Vps,Wps
      54    66       ANDPD       Vpd,Wpd
      55    np       ANDNPS      Vps,Wps
      55    66       ANDNPD      Vpd,Wpd
      56    np       ORPS        Vps,Wps
      56    66       ORPD        Vpd,Wpd
      57    np       XORPS       Vps,Wps
      57    66       XORPD       Vpd,Wpd
      58    np       ADDPS       Vps,Wps
      58    66       ADDPD       Vpd,Wpd
      58    f3       ADDSS       Vss,Wss
      58    f2       ADDSD       Vsd,Wsd
      59    np       MULPS       Vps,Wps
      59    66       MULPD       Vpd,Wpd
      59    f3       MULSS       Vss,Wss
      59    f2       MULSD       Vsd,Wsd
      5A    np       CVTPS2PD    Vpd,Wq
      5A    66       CVTPD2PS    Vps,Wpd
      5A    f3       CVTSS2SD    Vsd,Wss
      5A    f2       CVTSD2SS    Vss,Wsd
      5B    np       CVTDQ2PS    Vps,Wx
      5B    66       CVTPS2DQ    Vx,Wps
      5B    f3       CVTTPS2DQ   Vx,Wps
      5C    np       SUBPS       Vps,Wps
      5C    66       SUBPD       Vpd,Wpd
      5C    f3       SUBSS       Vss,Wss
      5C    f2       SUBSD       Vsd,Wsd
      5D    np       MINPS       Vps,Wps
      5D    66       MINPD       Vpd,Wpd
      5D    f3       MINSS       Vss,Wss
      5D    f2       MINSD       Vsd,Wsd
      5E    np       DIVPS       Vps,Wps
      5E    66       DIVPD       Vpd,Wpd
      5E    f3       DIVSS       Vss,Wss
      5E    f2       DIVSD       Vsd,Wsd
      5F    np       MAXPS       Vps,Wps
      5F    66       MAXPD       Vpd,Wpd
      5F    f3       MAXSS       Vss,Wss
      5F    f2       MAXSD       Vsd,Wsd
      60    np       PUNPCKLBW   Pq,Qd
      60    66       PUNPCKLBW   Vx,Wx
      61    np       PUNPCKLWD   Pq,Qd
      61    66       PUNPCKLWD   Vx,Wx
      62    np       PUNPCKLDQ   Pq,Qd
      62    66       PUNPCKLDQ   Vx,Wx
      63    mmx      PACKSSWB
      64    mmx      PCMPGTB
      65    mmx      PCMPGTW
      66    mmx      PCMPGTD
      67    mmx      PACKUSWB
      68    mmx      PUNPCKHBW
      69    mmx      PUNPCKHWD
      6A    mmx      PUNPCKHDQ
      6B    mmx      PACKSSDW
      6C    66       PUNPCKLQDQ  Vx,Wx
      6D    66       PUNPCKHQDQ  Vx,Wx
      6E    np w0    MOVD        Pd,Ed
      6E    np w1    MOVQ        Pq,Eq
      6E    66 w0    MOVD        Vd,Ed
      6E    66 w1    MOVQ        Vq,Eq
      6F    np       MOVQ        Pq,Qq
      6F    66       MOVDQA      Vx,Wx
      6F    f3       MOVDQU      Vx,Wx
      70    np       PSHUFW      Pq,Qq,Iub
      70    66       PSHUFD      Vx,Wx,Iub
      70    f3       PSHUFHW     Vx,Wx,Iub
      70    f2       PSHUFLW     Vx,Wx,Iub
      71    np /2    PSRLW       Nq,Iub
      71    66 /2    PSRLW       Ux,Iub
      71    np /4    PSRAW       Nq,Iub
      71    66 /4    PSRAW       Ux,Iub
      71    np /6    PSLLW       Nq,Iub
      71    66 /6    PSLLW       Ux,Iub
      72    np /2    PSRLD       Nq,Iub
      72    66 /2    PSRLD       Ux,Iub
      72    np /4    PSRAD       Nq,Iub
      72    66 /4    PSRAD       Ux,Iub
      72    np /6    PSLLD       Nq,Iub
      72    66 /6    PSLLD       Ux,Iub
      73    np /2    PSRLQ       Nq,Iub
      73    66 /2    PSRLQ       Ux,Iub
      73    66 /3    PSRLDQ      Ux,Iub
      73    np /6    PSLLQ       Nq,Iub
      73    66 /6    PSLLQ       Ux,Iub
      73    66 /7    PSLLDQ      Ux,Iub
      74    mmx      PCMPEQB
      75    mmx      PCMPEQW
      76    mmx      PCMPEQD
      77    np       EMMS
      7C    66       HADDPD      Vpd,Wpd
      7C    f2       HADDPS      Vps,Wps
      7D    66       HSUBPD      Vpd,Wpd
      7D    f2       HSUBPS      Vps,Wps
      7E    np w0    MOVD        Ed,Pd
      7E    np w1    MOVQ        Eq,Pq
      7E    66 w0    MOVD        Ed,Vd
      7E    66 w1    MOVQ        Eq,Vq
      7E    f3       MOVQ        Vq,Wq
      7F    np       MOVQ        Qq,Pq
      7F    66       MOVDQA      Wx,Vx
      7F    f3       MOVDQU      Wx,Vx
      C2    np       CMPPS       Vps,Wps,Iub
      C2    66       CMPPD       Vpd,Wpd,Iub
      C2    f3       CMPSS       Vss,Wss,Iub
      C2    f2       CMPSD       Vsd,Wsd,Iub
      C4    np m     PINSRW      Pq,Mw,Iub
      C4    np r     PINSRW      Pq,Rd,Iub
      C4    66 m     PINSRW      Vx,Mw,Iub
      C4    66 r     PINSRW      Vx,Rd,Iub
      C5    np       PEXTRW      Gd,Nq,Iub
      C5    66       PEXTRW      Gd,Ux,Iub
      C6    np       SHUFPS      Vps,Wps,Iub
      C6    66       SHUFPD      Vpd,Wpd,Iub
      D0    66       ADDSUBPD    Vpd,Wpd
      D0    f2       ADDSUBPS    Vps,Wps
      D1    mmx      PSRLW
      D2    mmx      PSRLD
      D3    mmx      PSRLQ
      D4    mmx      PADDQ
      D5    mmx      PMULLW
      D6    66       MOVQ        Wq,Vq
      D6    f3       MOVQ2DQ     Vx,Nq
      D6    f2       MOVDQ2Q     Pq,Uq
      D7    np       PMOVMSKB    Gy,Nq
      D7    66       PMOVMSKB    Gy,Ux
      D8    mmx      PSUBUSB
      D9    mmx      PSUBUSW
      DA    mmx      PMINUB
      DB    mmx      PAND
      DC    mmx      PADDUSB
      DD    mmx      PADDUSW
      DE    mmx      PMAXUB
      DF    mmx      PANDN
      E0    mmx      PAVGB
      E1    mmx      PSRAW
      E2    mmx      PSRAD
      E3    mmx      PAVGW
      E4    mmx      PMULHUW
      E5    mmx      PMULHW
      E6    66       CVTTPD2DQ   Vx,Wpd
      E6    f3       CVTDQ2PD    Vpd,Wq
      E6    f2       CVTPD2DQ    Vx,Wpd
      E7    np       MOVNTQ      Mq,Pq
      E7    66       MOVNTDQ     Mx,Vx
      E8    mmx      PSUBSB
      E9    mmx      PSUBSW
      EA    mmx      PMINSW
      EB    mmx      POR
      EC    mmx      PADDSB
      ED    mmx      PADDSW
      EE    mmx      PMAXSW
      EF    mmx      PXOR
      F0    f2       LDDQU       Vx,Mx
      F1    mmx      PSLLW
      F2    mmx      PSLLD
      F3    mmx      PSLLQ
      F4    mmx      PMULUDQ
      F5    mmx      PMADDWD
      F6    mmx      PSADBW
      F7    np       MASKMOVQ    Pq,Nq
      F7    66       MASKMOVDQU  Vx,Ux
      F8    mmx      PSUBB
      F9    mmx      PSUBW
      FA    mmx      PSUBD
      FB    mmx      PSUBQ
      FC    mmx      PADDB
      FD    mmx      PADDW
      FE    mmx      PADDD
      """;
  // @formatter:on

  private TwoByteVectorMap() {}
}
