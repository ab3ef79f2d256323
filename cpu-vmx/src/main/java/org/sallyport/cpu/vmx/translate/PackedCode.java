package org.sallyport.cpu.vmx.translate;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static org.sallyport.cpu.vmx.translate.Code.A;
import static org.sallyport.cpu.vmx.translate.Code.B;
import static org.sallyport.cpu.vmx.translate.Code.FIRST;
import static org.sallyport.cpu.vmx.translate.Code.RESULT;
import static org.sallyport.cpu.vmx.translate.Code.V;
import static org.sallyport.cpu.vmx.translate.SseCode.at;
import static org.sallyport.cpu.vmx.translate.SseCode.half;
import static org.sallyport.cpu.vmx.translate.SseCode.setBoth;
import static org.sallyport.cpu.vmx.translate.SseCode.setHalf;
import static org.sallyport.cpu.vmx.translate.SseCode.source;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.simd.Lanes;
import org.sallyport.cpu.vmx.simd.Packing;
import org.sallyport.cpu.vmx.simd.Products;
import org.sallyport.cpu.vmx.simd.Shuffles;
import org.sallyport.cpu.vmx.translate.SseCode.Place;

/**
 * Packed integers in XMM registers, logic, and what rearranges lanes (SDM volume 2). What is done to 64 bits are the same functions that
 * the interpreter's operations call.
 */
final class PackedCode {
  private static final ClassDesc LANES = Code.describe(Lanes.class);
  private static final ClassDesc PACKING = Code.describe(Packing.class);
  private static final ClassDesc PRODUCTS = Code.describe(Products.class);
  private static final ClassDesc SHUFFLES = Code.describe(Shuffles.class);

  private static final MethodTypeDesc OF_TWO = MethodTypeDesc.of(CD_long, CD_long, CD_long);
  private static final MethodTypeDesc OF_THREE = MethodTypeDesc.of(CD_long, CD_long, CD_long, CD_long);
  private static final MethodTypeDesc WITH_ORDER = MethodTypeDesc.of(CD_long, CD_long, CD_int);
  private static final MethodTypeDesc CHOICE = MethodTypeDesc.of(CD_long, CD_long, CD_long, CD_int);
  private static final MethodTypeDesc WINDOW = MethodTypeDesc.of(CD_long, CD_long, CD_long, CD_long, CD_long, CD_int);
  private static final MethodTypeDesc WIDEN = MethodTypeDesc.of(CD_long, CD_long, CD_int, CD_int, CD_boolean);
  private static final MethodTypeDesc TOP_BITS = MethodTypeDesc.of(CD_int, CD_long);

  /** A function of half of the destination and half of the source, by its name; {@code lanes} is 0 or its third argument. */
  private record Function(ClassDesc owner, String name, long lanes) {
    void call(Code c) {
      if (lanes != 0) {
        c.constant(lanes);
        c.b.invokestatic(owner, name, OF_THREE);
      } else {
        c.b.invokestatic(owner, name, OF_TWO);
      }
    }
  }

  private PackedCode() {}

  static boolean translate(Code c, Instruction in) {
    if (in.kind[0] == OperandKind.XMM) {
      return logic(c, in) || halves(c, in) || pairs(c, in) || shift(c, in) || shuffle(c, in) || insert(c, in)
          || widen(c, in) || test(c, in);
    }
    return extract(c, in);
  }

  // ---- both halves alike -------------------------------------------------------------------------------------------------------------

  private static boolean logic(Code c, Instruction in) {
    switch (in.mnemonic) {
      case PXOR, XORPS, XORPD -> {
        if (in.kind[1] == OperandKind.XMM && in.reg[0] == in.reg[1]) {
          c.constant(0).store(V);
          setBoth(c, in, V, V);
        } else {
          onHalves(c, in, () -> c.b.lxor());
        }
      }
      case PAND, ANDPS, ANDPD -> onHalves(c, in, () -> c.b.land());
      case POR, ORPS, ORPD -> onHalves(c, in, () -> c.b.lor());
      case PANDN, ANDNPS, ANDNPD -> {
        Place s = source(c, in, true);
        for (int i = 0; i < 2; i++) {
          setHalf(c, at(in, 0) + i);
          half(c, at(in, 0) + i);
          c.constant(-1).b.lxor();
          c.b.aload(s.array()).bipush(s.index() + i).laload().land().lastore();
        }
      }
      case PADDQ -> onHalves(c, in, () -> c.b.ladd());
      case PSUBQ -> onHalves(c, in, () -> c.b.lsub());
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void onHalves(Code c, Instruction in, Runnable operation) {
    Place s = source(c, in, true);
    for (int i = 0; i < 2; i++) {
      setHalf(c, at(in, 0) + i);
      half(c, at(in, 0) + i);
      c.b.aload(s.array()).bipush(s.index() + i).laload();
      operation.run();
      c.b.lastore();
    }
  }

  private static boolean halves(Code c, Instruction in) {
    Function f = lanes(in);
    f = f == null ? product(in) : f;
    if (f == null) {
      return false;
    }
    onHalves(c, in, apply(c, f));
    return true;
  }

  private static Runnable apply(Code c, Function f) {
    return () -> f.call(c);
  }

  private static Function lanes(Instruction in) {
    return switch (in.mnemonic) {
      case PADDB -> new Function(LANES, "add", Lanes.B);
      case PADDW -> new Function(LANES, "add", Lanes.W);
      case PADDD -> new Function(LANES, "add", Lanes.D);
      case PSUBB -> new Function(LANES, "sub", Lanes.B);
      case PSUBW -> new Function(LANES, "sub", Lanes.W);
      case PSUBD -> new Function(LANES, "sub", Lanes.D);
      case PADDUSB -> new Function(LANES, "addUnsignedSaturated", Lanes.B);
      case PADDUSW -> new Function(LANES, "addUnsignedSaturated", Lanes.W);
      case PADDSB -> new Function(LANES, "addSignedSaturated", Lanes.B);
      case PADDSW -> new Function(LANES, "addSignedSaturated", Lanes.W);
      case PSUBUSB -> new Function(LANES, "subUnsignedSaturated", Lanes.B);
      case PSUBUSW -> new Function(LANES, "subUnsignedSaturated", Lanes.W);
      case PSUBSB -> new Function(LANES, "subSignedSaturated", Lanes.B);
      case PSUBSW -> new Function(LANES, "subSignedSaturated", Lanes.W);
      case PAVGB -> new Function(LANES, "average", Lanes.B);
      case PAVGW -> new Function(LANES, "average", Lanes.W);
      case PSIGNB -> new Function(LANES, "sign", Lanes.B);
      case PSIGNW -> new Function(LANES, "sign", Lanes.W);
      case PSIGND -> new Function(LANES, "sign", Lanes.D);
      case PCMPEQB -> new Function(LANES, "equal", Lanes.B);
      case PCMPEQW -> new Function(LANES, "equal", Lanes.W);
      case PCMPEQD -> new Function(LANES, "equal", Lanes.D);
      case PCMPGTB -> new Function(LANES, "greater", Lanes.B);
      case PCMPGTW -> new Function(LANES, "greater", Lanes.W);
      case PCMPGTD -> new Function(LANES, "greater", Lanes.D);
      case PMINUB -> new Function(LANES, "minUnsigned", Lanes.B);
      case PMINUW -> new Function(LANES, "minUnsigned", Lanes.W);
      case PMINUD -> new Function(LANES, "minUnsigned", Lanes.D);
      case PMINSB -> new Function(LANES, "minSigned", Lanes.B);
      case PMINSW -> new Function(LANES, "minSigned", Lanes.W);
      case PMINSD -> new Function(LANES, "minSigned", Lanes.D);
      case PMAXUB -> new Function(LANES, "maxUnsigned", Lanes.B);
      case PMAXUW -> new Function(LANES, "maxUnsigned", Lanes.W);
      case PMAXUD -> new Function(LANES, "maxUnsigned", Lanes.D);
      case PMAXSB -> new Function(LANES, "maxSigned", Lanes.B);
      case PMAXSW -> new Function(LANES, "maxSigned", Lanes.W);
      case PMAXSD -> new Function(LANES, "maxSigned", Lanes.D);
      default -> null;
    };
  }

  private static Function product(Instruction in) {
    return switch (in.mnemonic) {
      case PCMPEQQ -> new Function(SseCode.SSE, "equal", 0);
      case PCMPGTQ -> new Function(SseCode.SSE, "greater", 0);
      case PMULUDQ -> new Function(SseCode.SSE, "multiplyUnsigned", 0);
      case PMULDQ -> new Function(SseCode.SSE, "multiplySigned", 0);
      case PMULLW -> new Function(PRODUCTS, "lowWords", 0);
      case PMULHW -> new Function(PRODUCTS, "highWords", 0);
      case PMULHUW -> new Function(PRODUCTS, "highUnsignedWords", 0);
      case PMULHRSW -> new Function(PRODUCTS, "roundedWords", 0);
      case PMULLD -> new Function(PRODUCTS, "lowDoublewords", 0);
      case PMADDWD -> new Function(PRODUCTS, "addPairsOfWords", 0);
      case PMADDUBSW -> new Function(PRODUCTS, "addPairsOfBytes", 0);
      case PSADBW -> new Function(PRODUCTS, "sumOfDifferences", 0);
      default -> null;
    };
  }

  // ---- halves of a result that come from different halves ----------------------------------------------------------------------------

  private static boolean pairs(Code c, Instruction in) {
    Function horizontal = horizontal(in);
    if (horizontal != null) {
      Place s = source(c, in, true);
      half(c, at(in, 0));
      half(c, at(in, 0) + 1);
      horizontal.call(c);
      c.store(A);
      s.low(c);
      s.high(c);
      horizontal.call(c);
      c.store(B);
      setBoth(c, in, A, B);
      return true;
    }
    return switch (in.mnemonic) {
      case PUNPCKLBW -> unpack(c, in, PACKING, "lowBytes", "highBytes", 0);
      case PUNPCKHBW -> unpack(c, in, PACKING, "lowBytes", "highBytes", 1);
      case PUNPCKLWD -> unpack(c, in, PACKING, "lowWords", "highWords", 0);
      case PUNPCKHWD -> unpack(c, in, PACKING, "lowWords", "highWords", 1);
      case PUNPCKLDQ, UNPCKLPS -> unpack(c, in, PACKING, "lowDoublewords", "highDoublewords", 0);
      case PUNPCKHDQ, UNPCKHPS -> unpack(c, in, PACKING, "lowDoublewords", "highDoublewords", 1);
      case PUNPCKLQDQ, UNPCKLPD -> unpack(c, in, SseCode.SSE, "first", "second", 0);
      case PUNPCKHQDQ, UNPCKHPD -> unpack(c, in, SseCode.SSE, "first", "second", 1);
      default -> false;
    };
  }

  private static Function horizontal(Instruction in) {
    String name =
        switch (in.mnemonic) {
          case PACKSSWB -> "signedBytes";
          case PACKUSWB -> "unsignedBytes";
          case PACKSSDW -> "signedWords";
          case PACKUSDW -> "unsignedWords";
          case PHADDW -> "addWords";
          case PHSUBW -> "subWords";
          case PHADDD -> "addDoublewords";
          case PHSUBD -> "subDoublewords";
          case PHADDSW -> "addWordsSaturated";
          case PHSUBSW -> "subWordsSaturated";
          default -> null;
        };
    return name == null ? null : new Function(PACKING, name, 0);
  }

  /** Both halves of the result come from the same half of the operands. */
  private static boolean unpack(Code c, Instruction in, ClassDesc owner, String low, String high, int taken) {
    Place s = source(c, in, true);
    half(c, at(in, 0) + taken);
    c.store(A);
    c.b.aload(s.array()).bipush(s.index() + taken).laload();
    c.store(B);
    setHalf(c, at(in, 0));
    c.load(A).load(B).b.invokestatic(owner, low, OF_TWO).lastore();
    setHalf(c, at(in, 0) + 1);
    c.load(A).load(B).b.invokestatic(owner, high, OF_TWO).lastore();
    return true;
  }

  // ---- shifts ------------------------------------------------------------------------------------------------------------------------

  private static boolean shift(Code c, Instruction in) {
    Function f =
        switch (in.mnemonic) {
          case PSLLW -> new Function(LANES, "shiftLeft", Lanes.W);
          case PSLLD -> new Function(LANES, "shiftLeft", Lanes.D);
          case PSLLQ -> new Function(SseCode.SSE, "shiftLeft", 0);
          case PSRLW -> new Function(LANES, "shiftRight", Lanes.W);
          case PSRLD -> new Function(LANES, "shiftRight", Lanes.D);
          case PSRLQ -> new Function(SseCode.SSE, "shiftRight", 0);
          case PSRAW -> new Function(LANES, "shiftRightSigned", Lanes.W);
          case PSRAD -> new Function(LANES, "shiftRightSigned", Lanes.D);
          default -> null;
        };
    if (f == null) {
      return bytes(c, in);
    }
    if (in.kind[1] == OperandKind.IMMEDIATE) {
      c.constant(in.immediate & 0xff).store(V);
    } else {
      source(c, in, true).low(c);
      c.store(V);
    }
    for (int i = 0; i < 2; i++) {
      setHalf(c, at(in, 0) + i);
      half(c, at(in, 0) + i);
      c.load(V);
      f.call(c);
      c.b.lastore();
    }
    return true;
  }

  /** PSLLDQ and PSRLDQ. */
  private static boolean bytes(Code c, Instruction in) {
    int bits = 8 * Math.min((int) in.immediate & 0xff, 16);
    switch (in.mnemonic) {
      case PSLLDQ -> {
        window(c, () -> zeros(c), () -> both(c, in), 128 - bits, A);
        window(c, () -> zeros(c), () -> both(c, in), 192 - bits, B);
      }
      case PSRLDQ -> {
        window(c, () -> both(c, in), () -> zeros(c), bits, A);
        window(c, () -> both(c, in), () -> zeros(c), bits + 64, B);
      }
      default -> {
        return false;
      }
    }
    setBoth(c, in, A, B);
    return true;
  }

  private static void zeros(Code c) {
    c.b.lconst_0().lconst_0();
  }

  /** Both halves of the destination. */
  private static void both(Code c, Instruction in) {
    half(c, at(in, 0));
    half(c, at(in, 0) + 1);
  }

  private static void window(Code c, Runnable low, Runnable high, int first, int to) {
    low.run();
    high.run();
    c.b.loadConstant(first).invokestatic(SHUFFLES, "window", WINDOW);
    c.store(to);
  }

  // ---- shuffles ----------------------------------------------------------------------------------------------------------------------

  private static boolean shuffle(Code c, Instruction in) {
    int order = (int) in.immediate & 0xff;
    switch (in.mnemonic) {
      case PSHUFD -> {
        Place s = source(c, in, true);
        doublewords(c, () -> s.low(c), () -> s.high(c), order, A);
        doublewords(c, () -> s.low(c), () -> s.high(c), order >> 4, B);
      }
      case SHUFPS -> {
        Place s = source(c, in, true);
        doublewords(c, () -> half(c, at(in, 0)), () -> half(c, at(in, 0) + 1), order, A);
        doublewords(c, () -> s.low(c), () -> s.high(c), order >> 4, B);
      }
      case SHUFPD -> {
        Place s = source(c, in, true);
        half(c, at(in, 0) + (order & 1));
        c.store(A);
        c.b.aload(s.array()).bipush(s.index() + (order >> 1 & 1)).laload();
        c.store(B);
      }
      case PSHUFLW, PSHUFHW -> {
        Place s = source(c, in, true);
        boolean low = in.mnemonic == Mnemonic.PSHUFLW;
        s.low(c);
        if (low) {
          c.b.loadConstant(order).invokestatic(SHUFFLES, "words", WITH_ORDER);
        }
        c.store(A);
        s.high(c);
        if (!low) {
          c.b.loadConstant(order).invokestatic(SHUFFLES, "words", WITH_ORDER);
        }
        c.store(B);
      }
      case PALIGNR -> {
        Place s = source(c, in, true);
        for (int i = 0; i < 2; i++) {
          window(c, () -> {
            s.low(c);
            s.high(c);
          }, () -> both(c, in), 8 * order + 64 * i, i == 0 ? A : B);
        }
      }
      case PSHUFB -> {
        Place s = source(c, in, true);
        both(c, in);
        s.low(c);
        c.b.invokestatic(SHUFFLES, "bytes", OF_THREE);
        c.store(A);
        both(c, in);
        s.high(c);
        c.b.invokestatic(SHUFFLES, "bytes", OF_THREE);
        c.store(B);
      }
      case MOVSLDUP, MOVSHDUP -> {
        Place s = source(c, in, true);
        String name = in.mnemonic == Mnemonic.MOVSLDUP ? "evenTwice" : "oddTwice";
        s.low(c);
        SseCode.call(c, name, SseCode.FUNCTION);
        c.store(A);
        s.high(c);
        SseCode.call(c, name, SseCode.FUNCTION);
        c.store(B);
      }
      case PABSB, PABSW, PABSD -> {
        long lanes =
            switch (in.mnemonic) {
              case PABSB -> Lanes.B;
              case PABSW -> Lanes.W;
              default -> Lanes.D;
            };
        Place s = source(c, in, true);
        s.low(c);
        c.constant(lanes).b.invokestatic(LANES, "absolute", OF_TWO);
        c.store(A);
        s.high(c);
        c.constant(lanes).b.invokestatic(LANES, "absolute", OF_TWO);
        c.store(B);
      }
      case BLENDPS -> blend(c, in, Shuffles.mask(order, 0, 32), Shuffles.mask(order, 2, 32));
      case BLENDPD -> blend(c, in, -(order & 1), -(order >> 1 & 1));
      case PBLENDW -> blend(c, in, Shuffles.mask(order, 0, 16), Shuffles.mask(order, 4, 16));
      default -> {
        return false;
      }
    }
    setBoth(c, in, A, B);
    return true;
  }

  private static void doublewords(Code c, Runnable low, Runnable high, int order, int to) {
    low.run();
    high.run();
    c.b.loadConstant(order).invokestatic(SHUFFLES, "doublewords", CHOICE);
    c.store(to);
  }

  private static void blend(Code c, Instruction in, long maskLow, long maskHigh) {
    Place s = source(c, in, true);
    c.constant(maskLow);
    s.low(c);
    half(c, at(in, 0));
    c.b.invokestatic(LANES, "select", OF_THREE);
    c.store(A);
    c.constant(maskHigh);
    s.high(c);
    half(c, at(in, 0) + 1);
    c.b.invokestatic(LANES, "select", OF_THREE);
    c.store(B);
  }

  /** PMOVSX and PMOVZX. */
  private static boolean widen(Code c, Instruction in) {
    return switch (in.mnemonic) {
      case PMOVSXBW -> widen(c, in, 8, 16, true);
      case PMOVSXBD -> widen(c, in, 8, 32, true);
      case PMOVSXBQ -> widen(c, in, 8, 64, true);
      case PMOVSXWD -> widen(c, in, 16, 32, true);
      case PMOVSXWQ -> widen(c, in, 16, 64, true);
      case PMOVSXDQ -> widen(c, in, 32, 64, true);
      case PMOVZXBW -> widen(c, in, 8, 16, false);
      case PMOVZXBD -> widen(c, in, 8, 32, false);
      case PMOVZXBQ -> widen(c, in, 8, 64, false);
      case PMOVZXWD -> widen(c, in, 16, 32, false);
      case PMOVZXWQ -> widen(c, in, 16, 64, false);
      case PMOVZXDQ -> widen(c, in, 32, 64, false);
      default -> false;
    };
  }

  private static boolean widen(Code c, Instruction in, int from, int to, boolean signed) {
    SseCode.part(c, in, in.size[1]);
    c.store(V);
    for (int i = 0; i < 2; i++) {
      setHalf(c, at(in, 0) + i);
      c.load(V);
      if (i == 1) {
        c.b.bipush(64 / to * from).lushr();
      }
      c.b.bipush(from).bipush(to).loadConstant(signed ? 1 : 0).invokestatic(SHUFFLES, "widen", WIDEN).lastore();
    }
    return true;
  }

  // ---- to and from general registers -------------------------------------------------------------------------------------------------

  private static int laneSize(Instruction in) {
    return switch (in.mnemonic) {
      case PEXTRB, PINSRB -> 1;
      case PEXTRW, PINSRW -> 2;
      case PEXTRD, EXTRACTPS, PINSRD -> 4;
      case PEXTRQ, PINSRQ -> 8;
      default -> 0;
    };
  }

  /** First bit of the lane that the immediate names; its upper bits do not matter. */
  private static int lanePosition(Instruction in, int size) {
    return ((int) in.immediate & 15 / size) * size * 8;
  }

  private static boolean extract(Code c, Instruction in) {
    switch (in.mnemonic) {
      case PMOVMSKB -> {
        half(c, at(in, 1));
        c.b.invokestatic(SHUFFLES, "topBits", TOP_BITS).i2l();
        half(c, at(in, 1) + 1);
        c.b.invokestatic(SHUFFLES, "topBits", TOP_BITS).bipush(8).ishl().i2l().lor();
        c.set(in.reg[0]);
        return true;
      }
      case MOVMSKPD -> {
        half(c, at(in, 1));
        c.b.bipush(63).lushr();
        half(c, at(in, 1) + 1);
        c.b.bipush(62).lushr();
        c.constant(2).b.land().lor();
        c.set(in.reg[0]);
        return true;
      }
      case MOVMSKPS -> {
        half(c, at(in, 1));
        SseCode.call(c, "singleSigns", SseCode.FUNCTION);
        half(c, at(in, 1) + 1);
        SseCode.call(c, "singleSigns", SseCode.FUNCTION);
        c.b.iconst_2().lshl().lor();
        c.set(in.reg[0]);
        return true;
      }
      case PEXTRB, PEXTRW, PEXTRD, EXTRACTPS, PEXTRQ -> {
        if (in.kind[0] != OperandKind.GPR) {
          return false;
        }
        int size = laneSize(in);
        int position = lanePosition(in, size);
        half(c, at(in, 1) + (position >> 6));
        c.b.bipush(position & 63).lushr();
        c.zeroExtend(size).set(in.reg[0]);
        return true;
      }
      default -> {
        return false;
      }
    }
  }

  private static boolean insert(Code c, Instruction in) {
    switch (in.mnemonic) {
      case PINSRB, PINSRW, PINSRD, PINSRQ -> {
        int size = laneSize(in);
        int position = lanePosition(in, size);
        int index = at(in, 0) + (position >> 6);
        int shift = position & 63;
        if (in.kind[1] == OperandKind.GPR) {
          c.get(in.reg[1], size);
        } else {
          SseCode.part(c, in, size);
        }
        c.store(V);
        setHalf(c, index);
        half(c, index);
        c.constant(~(Code.truncate(-1, size) << shift)).b.land();
        c.load(V).b.bipush(shift).lshl().lor().lastore();
        return true;
      }
      default -> {
        return false;
      }
    }
  }

  /** PTEST. */
  private static boolean test(Code c, Instruction in) {
    if (in.mnemonic != Mnemonic.PTEST) {
      return false;
    }
    Place s = source(c, in, true);
    half(c, at(in, 0));
    s.low(c);
    c.b.land();
    half(c, at(in, 0) + 1);
    s.high(c);
    c.b.land().lor();
    c.store(A);
    half(c, at(in, 0));
    c.constant(-1).b.lxor();
    s.low(c);
    c.b.land();
    half(c, at(in, 0) + 1);
    c.constant(-1).b.lxor();
    s.high(c);
    c.b.land().lor();
    c.store(B);
    c.load(A).load(B);
    SseCode.call(c, "carriesOfTest", OF_TWO);
    c.store(FIRST);
    c.load(A);
    SseCode.call(c, "notZero", SseCode.FUNCTION);
    c.store(RESULT);
    c.setExplicit();
    return true;
  }
}
