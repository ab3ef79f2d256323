package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Mnemonic;

/**
 * Which feature brought a packed-integer instruction; those on MMX registers came earlier than, or with, the same ones on XMM
 * registers.
 */
final class PackedFeature {
  private PackedFeature() {}

  static CpuFeature of(Mnemonic mnemonic, boolean mmx) {
    return switch (mnemonic) {
      case PABSB, PABSW, PABSD, PHADDW, PHADDD, PHADDSW, PHSUBW, PHSUBD, PHSUBSW, PMADDUBSW, PMULHRSW, PSHUFB, PSIGNB,
          PSIGNW, PSIGND, PALIGNR ->
        CpuFeature.SSSE3;
      case BLENDPS, BLENDPD, BLENDVPS, BLENDVPD, PBLENDVB, PBLENDW, EXTRACTPS, INSERTPS, MPSADBW, PACKUSDW, PCMPEQQ,
          PEXTRB, PEXTRD, PEXTRQ, PINSRB, PINSRD, PINSRQ, PHMINPOSUW, PMAXSB, PMAXSD, PMAXUD, PMAXUW, PMINSB, PMINSD,
          PMINUD, PMINUW, PMOVSXBW, PMOVSXBD, PMOVSXBQ, PMOVSXWD, PMOVSXWQ, PMOVSXDQ, PMOVZXBW, PMOVZXBD, PMOVZXBQ,
          PMOVZXWD, PMOVZXWQ, PMOVZXDQ, PMULDQ, PMULLD, PTEST ->
        CpuFeature.SSE4_1;
      case PCMPGTQ -> CpuFeature.SSE4_2;
      case SHUFPS, UNPCKLPS, UNPCKHPS, MOVMSKPS -> CpuFeature.SSE;
      case PAVGB, PAVGW, PMAXUB, PMAXSW, PMINUB, PMINSW, PMULHUW, PSADBW, PSHUFW, PMOVMSKB, PEXTRW, PINSRW ->
        mmx ? CpuFeature.SSE : CpuFeature.SSE2;
      case PADDQ, PSUBQ, PMULUDQ -> CpuFeature.SSE2;
      default -> mmx ? CpuFeature.MMX : CpuFeature.SSE2;
    };
  }
}
