package org.sallyport.cpu.vmx.decode;

/** The opcode map 0F3A (SDM volume 2, table A-5). */
final class Map0F3A {
  // @formatter:off
  static final String ROWS = """
      # op  when     mnemonic          operands     flags
      08    66       ROUNDPS           Vps,Wps,Iub
      09    66       ROUNDPD           Vpd,Wpd,Iub
      0A    66       ROUNDSS           Vss,Wss,Iub
      0B    66       ROUNDSD           Vsd,Wsd,Iub
      0C    66       BLENDPS           Vps,Wps,Iub
      0D    66       BLENDPD           Vpd,Wpd,Iub
      0E    66       PBLENDW           Vx,Wx,Iub
      0F    np       PALIGNR           Pq,Qq,Iub
      0F    66       PALIGNR           Vx,Wx,Iub
      14    66 m     PEXTRB            Mb,Vx,Iub
      14    66 r     PEXTRB            Rd,Vx,Iub
      15    66 m     PEXTRW            Mw,Vx,Iub
      15    66 r     PEXTRW            Rd,Vx,Iub
      16    66 w0    PEXTRD            Ed,Vx,Iub
      16    66 w1    PEXTRQ            Eq,Vx,Iub
      17    66       EXTRACTPS         Ed,Vx,Iub
      20    66 m     PINSRB            Vx,Mb,Iub
      20    66 r     PINSRB            Vx,Rd,Iub
      21    66       INSERTPS          Vx,Wss,Iub
      22    66 w0    PINSRD            Vx,Ed,Iub
      22    66 w1    PINSRQ            Vx,Eq,Iub
      40    66       DPPS              Vps,Wps,Iub
      41    66       DPPD              Vpd,Wpd,Iub
      42    66       MPSADBW           Vx,Wx,Iub
      44    66       PCLMULQDQ         Vx,Wx,Iub
      60    66       PCMPESTRM         Vx,Wx,Iub
      61    66       PCMPESTRI         Vx,Wx,Iub
      62    66       PCMPISTRM         Vx,Wx,Iub
      63    66       PCMPISTRI         Vx,Wx,Iub
      CC    np       SHA1RNDS4         Vx,Wx,Iub
      CE    66       GF2P8AFFINEQB     Vx,Wx,Iub
      CF    66       GF2P8AFFINEINVQB  Vx,Wx,Iub
      DF    66       AESKEYGENASSIST   Vx,Wx,Iub
      F0    f3 /0.0  HRESET            Iub
      """;
  // @formatter:on

  private Map0F3A() {}
}
