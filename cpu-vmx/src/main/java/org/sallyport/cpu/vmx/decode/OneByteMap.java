package org.sallyport.cpu.vmx.decode;

/** The one-byte opcode map (SDM volume 2, tables; x87 apart). {@link OpcodeParser} explains the columns. */
final class OneByteMap {
  // @formatter:off
  static final String ROWS = """
      # op  when     mnemonic  operands     flags
      00             ADD       Eb,Gb        lock
      01             ADD       Ev,Gv        lock
      02             ADD       Gb,Eb
      03             ADD       Gv,Ev
      04             ADD       AL,Ib
      05             ADD       rAX,Iz
      06    x32      PUSH      ES
      07    x32      POP       ES
      08             OR        Eb,Gb        lock
      09             OR        Ev,Gv        lock
      0A             OR        Gb,Eb
      0B             OR        Gv,Ev
      0C             OR        AL,Ib
      0D             OR        rAX,Iz
      0E    x32      PUSH      CS
      10             ADC       Eb,Gb        lock
      11             ADC       Ev,Gv        lock
      12             ADC       Gb,Eb
      13             ADC       Gv,Ev
      14             ADC       AL,Ib
      15             ADC       rAX,Iz
      16    x32      PUSH      SS
      17    x32      POP       SS
      18             SBB       Eb,Gb        lock
      19             SBB       Ev,Gv        lock
      1A             SBB       Gb,Eb
      1B             SBB       Gv,Ev
      1C             SBB       AL,Ib
      1D             SBB       rAX,Iz
      1E    x32      PUSH      DS
      1F    x32      POP       DS
      20             AND       Eb,Gb        lock
      21             AND       Ev,Gv        lock
      22             AND       Gb,Eb
      23             AND       Gv,Ev
      24             AND       AL,Ib
      25             AND       rAX,Iz
      27    x32      DAA
      28             SUB       Eb,Gb        lock
      29             SUB       Ev,Gv        lock
      2A             SUB       Gb,Eb
      2B             SUB       Gv,Ev
      2C             SUB       AL,Ib
      2D             SUB       rAX,Iz
      2F    x32      DAS
      30             XOR       Eb,Gb        lock
      31             XOR       Ev,Gv        lock
      32             XOR       Gb,Eb
      33             XOR       Gv,Ev
      34             XOR       AL,Ib
      35             XOR       rAX,Iz
      37    x32      AAA
      38             CMP       Eb,Gb
      39             CMP       Ev,Gv
      3A             CMP       Gb,Eb
      3B             CMP       Gv,Ev
      3C             CMP       AL,Ib
      3D             CMP       rAX,Iz
      3F    x32      AAS
      40+   x32      INC       Zv
      48+   x32      DEC       Zv
      50+            PUSH      Zv           d64
      58+            POP       Zv           d64
      60    x32      PUSHA
      61    x32      POPA
      62    x32      BOUND     Gv,Mpair
      63    x32      ARPL      Ew,Gw
      63    x64      MOVSXD    Gv,Ez
      68             PUSH      Iz           d64
      69             IMUL      Gv,Ev,Iz
      6A             PUSH      Ibs          d64
      6B             IMUL      Gv,Ev,Ibs
      6C             INS       Xb
      6D             INS       Xz
      6E             OUTS      Xb
      6F             OUTS      Xz
      70+cc          J         Jb           f64
      80    /0       ADD       Eb,Ib        lock
      80    /1       OR        Eb,Ib        lock
      80    /2       ADC       Eb,Ib        lock
      80    /3       SBB       Eb,Ib        lock
      80    /4       AND       Eb,Ib        lock
      80    /5       SUB       Eb,Ib        lock
      80    /6       XOR       Eb,Ib        lock
      80    /7       CMP       Eb,Ib
      81    /0       ADD       Ev,Iz        lock
      81    /1       OR        Ev,Iz        lock
      81    /2       ADC       Ev,Iz        lock
      81    /3       SBB       Ev,Iz        lock
      81    /4       AND       Ev,Iz        lock
      81    /5       SUB       Ev,Iz        lock
      81    /6       XOR       Ev,Iz        lock
      81    /7       CMP       Ev,Iz
      82    x32 /0   ADD       Eb,Ib        lock
      82    x32 /1   OR        Eb,Ib        lock
      82    x32 /2   ADC       Eb,Ib        lock
      82    x32 /3   SBB       Eb,Ib        lock
      82    x32 /4   AND       Eb,Ib        lock
      82    x32 /5   SUB       Eb,Ib        lock
      82    x32 /6   XOR       Eb,Ib        lock
      82    x32 /7   CMP       Eb,Ib
      83    /0       ADD       Ev,Ibs       lock
      83    /1       OR        Ev,Ibs       lock
      83    /2       ADC       Ev,Ibs       lock
      83    /3       SBB       Ev,Ibs       lock
      83    /4       AND       Ev,Ibs       lock
      83    /5       SUB       Ev,Ibs       lock
      83    /6       XOR       Ev,Ibs       lock
      83    /7       CMP       Ev,Ibs
      84             TEST      Eb,Gb
      85             TEST      Ev,Gv
      86             XCHG      Eb,Gb        lock
      87             XCHG      Ev,Gv        lock
      88             MOV       Eb,Gb
      89             MOV       Ev,Gv
      8A             MOV       Gb,Eb
      8B             MOV       Gv,Ev
      8C    m        MOV       Mw,Sw
      8C    r        MOV       Rv,Sw
      8D             LEA       Gv,M
      8E    /1       INVALID
      8E    m        MOV       Sw,Mw
      8E    r        MOV       Sw,Rv
      8F    /0       POP       Ev           d64
      90    f3 b0    PAUSE
      90    b0       NOP
      90+            XCHG      Zv,rAX
      98             CBW
      99             CWD
      9A    x32      CALL_FAR  Ap
      9B             FWAIT
      9C             PUSHF                  d64
      9D             POPF                   d64
      9E             SAHF
      9F             LAHF
      A0             MOV       AL,Ob
      A1             MOV       rAX,Ov
      A2             MOV       Ob,AL
      A3             MOV       Ov,rAX
      A4             MOVS      Xb
      A5             MOVS      Xv
      A6             CMPS      Xb
      A7             CMPS      Xv
      A8             TEST      AL,Ib
      A9             TEST      rAX,Iz
      AA             STOS      Xb
      AB             STOS      Xv
      AC             LODS      Xb
      AD             LODS      Xv
      AE             SCAS      Xb
      AF             SCAS      Xv
      B0+            MOV       Zb,Ib
      B8+            MOV       Zv,Iv
      C0    /0       ROL       Eb,Iub
      C0    /1       ROR       Eb,Iub
      C0    /2       RCL       Eb,Iub
      C0    /3       RCR       Eb,Iub
      C0    /4       SHL       Eb,Iub
      C0    /5       SHR       Eb,Iub
      C0    /6       SHL       Eb,Iub
      C0    /7       SAR       Eb,Iub
      C1    /0       ROL       Ev,Iub
      C1    /1       ROR       Ev,Iub
      C1    /2       RCL       Ev,Iub
      C1    /3       RCR       Ev,Iub
      C1    /4       SHL       Ev,Iub
      C1    /5       SHR       Ev,Iub
      C1    /6       SHL       Ev,Iub
      C1    /7       SAR       Ev,Iub
      C2             RET       Iuw          f64
      C3             RET                    f64
      C4    x32      LES       Gv,Mp
      C5    x32      LDS       Gv,Mp
      C6    /7.0     XABORT    Iub
      C6    /0       MOV       Eb,Ib
      C7    /7.0     XBEGIN    Jz           d64
      C7    /0       MOV       Ev,Iz
      C8             ENTER     Iuw,Iub      d64
      C9             LEAVE                  d64
      CA             RET_FAR   Iuw
      CB             RET_FAR
      CC             INT3
      CD             INT       Iub
      CE    x32      INTO
      CF             IRET
      D0    /0       ROL       Eb,1
      D0    /1       ROR       Eb,1
      D0    /2       RCL       Eb,1
      D0    /3       RCR       Eb,1
      D0    /4       SHL       Eb,1
      D0    /5       SHR       Eb,1
      D0    /6       SHL       Eb,1
      D0    /7       SAR       Eb,1
      D1    /0       ROL       Ev,1
      D1    /1       ROR       Ev,1
      D1    /2       RCL       Ev,1
      D1    /3       RCR       Ev,1
      D1    /4       SHL       Ev,1
      D1    /5       SHR       Ev,1
      D1    /6       SHL       Ev,1
      D1    /7       SAR       Ev,1
      D2    /0       ROL       Eb,CL
      D2    /1       ROR       Eb,CL
      D2    /2       RCL       Eb,CL
      D2    /3       RCR       Eb,CL
      D2    /4       SHL       Eb,CL
      D2    /5       SHR       Eb,CL
      D2    /6       SHL       Eb,CL
      D2    /7       SAR       Eb,CL
      D3    /0       ROL       Ev,CL
      D3    /1       ROR       Ev,CL
      D3    /2       RCL       Ev,CL
      D3    /3       RCR       Ev,CL
      D3    /4       SHL       Ev,CL
      D3    /5       SHR       Ev,CL
      D3    /6       SHL       Ev,CL
      D3    /7       SAR       Ev,CL
      D4    x32      AAM       Iub
      D5    x32      AAD       Iub
      D6    x32      SALC
      D7             XLAT      Xb
      E0             LOOPNE    Jb           f64
      E1             LOOPE     Jb           f64
      E2             LOOP      Jb           f64
      E3             JCXZ      Jb           f64
      E4             IN        AL,Iub
      E5             IN        zAX,Iub
      E6             OUT       Iub,AL
      E7             OUT       Iub,zAX
      E8             CALL      Jz           f64
      E9             JMP       Jz           f64
      EA    x32      JMP_FAR   Ap
      EB             JMP       Jb           f64
      EC             IN        AL,DX
      ED             IN        zAX,DX
      EE             OUT       DX,AL
      EF             OUT       DX,zAX
      F1             INT1
      F4             HLT
      F5             CMC
      F6    /0       TEST      Eb,Ib
      F6    /1       TEST      Eb,Ib
      F6    /2       NOT       Eb           lock
      F6    /3       NEG       Eb           lock
      F6    /4       MUL       Eb
      F6    /5       IMUL      Eb
      F6    /6       DIV       Eb
      F6    /7       IDIV      Eb
      F7    /0       TEST      Ev,Iz
      F7    /1       TEST      Ev,Iz
      F7    /2       NOT       Ev           lock
      F7    /3       NEG       Ev           lock
      F7    /4       MUL       Ev
      F7    /5       IMUL      Ev
      F7    /6       DIV       Ev
      F7    /7       IDIV      Ev
      F8             CLC
      F9             STC
      FA             CLI
      FB             STI
      FC             CLD
      FD             STD
      FE    /0       INC       Eb           lock
      FE    /1       DEC       Eb           lock
      FF    /0       INC       Ev           lock
      FF    /1       DEC       Ev           lock
      FF    /2       CALL      Ev           f64
      FF    /3       CALL_FAR  Mp
      FF    /4       JMP       Ev           f64
      FF    /5       JMP_FAR   Mp
      FF    /6       PUSH      Ev           d64
      """;
  // @formatter:on

  private OneByteMap() {}
}
