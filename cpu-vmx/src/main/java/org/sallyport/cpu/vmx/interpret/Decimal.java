package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Vector;

/** DAA, DAS, AAA, AAS, AAM, AAD: decimal adjustment, outside 64-bit mode. */
final class Decimal extends Op {
  private final Mnemonic mnemonic;
  private final int base;

  private Decimal(Mnemonic mnemonic, int base) {
    this.mnemonic = mnemonic;
    this.base = base;
  }

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case DAA, DAS, AAA, AAS, AAM, AAD -> new Decimal(in.mnemonic, (int) in.immediate & 0xff);
      default -> null;
    };
  }

  @Override
  public Op execute(Cpu c) {
    int al = (int) c.r[Cpu.RAX] & 0xff;
    int ah = (int) c.r[Cpu.RAX] >>> 8 & 0xff;
    switch (mnemonic) {
      case DAA, DAS -> packed(c, al, mnemonic == Mnemonic.DAA ? 1 : -1);
      case AAA, AAS -> unpacked(c, al, mnemonic == Mnemonic.AAA ? 1 : -1);
      case AAM -> {
        if (base == 0) {
          throw c.fault(Vector.DE);
        }
        c.setReg(Cpu.RAX, 2, al / base << 8 | al % base);
        c.flagsLogic((byte) (al % base));
      }
      default -> {
        int v = al + ah * base & 0xff;
        c.setReg(Cpu.RAX, 2, v);
        c.flagsLogic((byte) v);
      }
    }
    return next;
  }

  private static void packed(Cpu c, int al, int sign) {
    boolean low = (al & 15) > 9 || c.af();
    boolean high = al > 0x99 || c.cf();
    boolean carry = high;
    int v = al;
    if (low) {
      v += 6 * sign;
      carry |= sign < 0 && al < 6 && !high || c.cf();
    }
    if (high) {
      v += 0x60 * sign;
    }
    c.setReg(Cpu.RAX, 1, v);
    c.flagsLogic((byte) v);
    c.setStatus(c.statusFlags() | (low ? Flag.AF : 0) | (carry ? Flag.CF : 0));
  }

  private static void unpacked(Cpu c, int al, int sign) {
    boolean adjust = (al & 15) > 9 || c.af();
    if (adjust) {
      c.setReg(Cpu.RAX, 2, (c.r[Cpu.RAX] & 0xffff) + sign * 0x106L);
    }
    c.setReg(Cpu.RAX, 1, c.r[Cpu.RAX] & 15);
    int kept = c.statusFlags() & ~(Flag.AF | Flag.CF);
    c.setStatus(kept | (adjust ? Flag.AF | Flag.CF : 0));
  }
}
