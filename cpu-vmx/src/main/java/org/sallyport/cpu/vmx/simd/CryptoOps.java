package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** The AES and SHA instructions. */
final class CryptoOps {
  private static final long LOW32 = 0xffffffffL;

  private CryptoOps() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case AESENC, AESENCLAST, AESDEC, AESDECLAST, AESIMC, AESKEYGENASSIST ->
        cpu.has(CpuFeature.AES) ? aes(in, cpu) : null;
      case SHA1RNDS4, SHA1NEXTE, SHA1MSG1, SHA1MSG2 -> cpu.has(CpuFeature.SHA) ? sha1(in, cpu) : null;
      case SHA256RNDS2, SHA256MSG1, SHA256MSG2 -> cpu.has(CpuFeature.SHA) ? sha256(in, cpu) : null;
      default -> null;
    };
  }

  private static Op aes(Instruction in, Cpu cpu) {
    int immediate = (int) in.immediate & 0xff;
    return switch (in.mnemonic) {
      case AESENC -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          long a = x[d];
          long b = x[d + 1];
          x[d] = Aes.mix(Aes.encrypt(a, b, 0)) ^ low;
          x[d + 1] = Aes.mix(Aes.encrypt(a, b, 2)) ^ high;
        }
      };
      case AESENCLAST -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          long a = x[d];
          long b = x[d + 1];
          x[d] = Aes.encrypt(a, b, 0) ^ low;
          x[d + 1] = Aes.encrypt(a, b, 2) ^ high;
        }
      };
      case AESDEC -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          long a = x[d];
          long b = x[d + 1];
          x[d] = Aes.inverseMix(Aes.decrypt(a, b, 0)) ^ low;
          x[d + 1] = Aes.inverseMix(Aes.decrypt(a, b, 2)) ^ high;
        }
      };
      case AESDECLAST -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          long a = x[d];
          long b = x[d + 1];
          x[d] = Aes.decrypt(a, b, 0) ^ low;
          x[d + 1] = Aes.decrypt(a, b, 2) ^ high;
        }
      };
      case AESIMC -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = Aes.inverseMix(low);
          x[d + 1] = Aes.inverseMix(high);
        }
      };
      default -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = keyHalf(low, immediate);
          x[d + 1] = keyHalf(high, immediate);
        }
      };
    };
  }

  /** AESKEYGENASSIST: the odd doubleword substituted, and then rotated too. */
  private static long keyHalf(long half, int constant) {
    int word = Aes.substitute((int) (half >>> 32));
    return word & LOW32 | (long) (Integer.rotateRight(word, 8) ^ constant) << 32;
  }

  private static Op sha1(Instruction in, Cpu cpu) {
    int immediate = (int) in.immediate & 3;
    return switch (in.mnemonic) {
      case SHA1RNDS4 -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          Sha.fourRounds(x, d, low, high, immediate);
        }
      };
      case SHA1NEXTE -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          int e = Integer.rotateLeft((int) (x[d + 1] >>> 32), 30);
          x[d] = low;
          x[d + 1] = high + ((long) e << 32);
        }
      };
      case SHA1MSG1 -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d + 1] ^= x[d];
          x[d] ^= high;
        }
      };
      default -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          int w16 = Integer.rotateLeft((int) (x[d + 1] >>> 32) ^ (int) high, 1);
          int w17 = Integer.rotateLeft((int) x[d + 1] ^ (int) (low >>> 32), 1);
          int w18 = Integer.rotateLeft((int) (x[d] >>> 32) ^ (int) low, 1);
          int w19 = Integer.rotateLeft((int) x[d] ^ w16, 1);
          x[d] = w19 & LOW32 | (long) w18 << 32;
          x[d + 1] = w17 & LOW32 | (long) w16 << 32;
        }
      };
    };
  }

  private static Op sha256(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case SHA256RNDS2 -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          Sha.twoRounds(x, d, low, high);
        }
      };
      case SHA256MSG1 -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          int w0 = (int) x[d];
          int w1 = (int) (x[d] >>> 32);
          int w2 = (int) x[d + 1];
          int w3 = (int) (x[d + 1] >>> 32);
          int w4 = (int) low;
          x[d] = w0 + Sha.smallSigma0(w1) & LOW32 | (long) (w1 + Sha.smallSigma0(w2)) << 32;
          x[d + 1] = w2 + Sha.smallSigma0(w3) & LOW32 | (long) (w3 + Sha.smallSigma0(w4)) << 32;
        }
      };
      default -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          int w16 = (int) x[d] + Sha.smallSigma1((int) high);
          int w17 = (int) (x[d] >>> 32) + Sha.smallSigma1((int) (high >>> 32));
          int w18 = (int) x[d + 1] + Sha.smallSigma1(w16);
          int w19 = (int) (x[d + 1] >>> 32) + Sha.smallSigma1(w17);
          x[d] = w16 & LOW32 | (long) w17 << 32;
          x[d + 1] = w18 & LOW32 | (long) w19 << 32;
        }
      };
    };
  }
}
