package org.sallyport.cpu.vmx.simd;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.sallyport.cpu.vmx.decode.Mnemonic;

/** Finds all encodings that are bound, by trying: prefixes, maps, opcodes, extensions in ModRM, register and memory forms. */
final class VectorEncodings {
  /** An instruction: all but ModRM and the immediate are fixed. */
  record Encoding(Mnemonic mnemonic, int prefix, boolean wide, int map, int opcode, int extension, boolean memory) {
    /** Bytes with registers 0 to 2; memory is at RBX. */
    byte[] bytes(int reg, int rm, int immediate) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      if (prefix != 0) {
        out.write(prefix);
      }
      if (wide) {
        out.write(0x48);
      }
      out.write(0x0f);
      if (map > 1) {
        out.write(map == 2 ? 0x38 : 0x3a);
      }
      out.write(opcode);
      int r = extension >= 0 ? extension : reg;
      out.write(memory ? r << 3 | 3 : 0xc0 | r << 3 | rm);
      out.write(immediate);
      return out.toByteArray();
    }
  }

  private VectorEncodings() {}

  static List<Encoding> all(SoftwareProcessor processor) {
    List<Encoding> found = new ArrayList<>();
    for (int map = 1; map <= 3; map++) {
      for (int opcode = 0; opcode < 256; opcode++) {
        if (map == 1 && (opcode == 0x0f || opcode == 0x38 || opcode == 0x3a)) {
          continue;
        }
        for (int prefix : new int[]{0, 0x66, 0xf3, 0xf2}) {
          find(processor, map, opcode, prefix, found);
        }
      }
    }
    return found;
  }

  private static void find(SoftwareProcessor processor, int map, int opcode, int prefix, List<Encoding> found) {
    boolean group = map == 1 && opcode >= 0x71 && opcode <= 0x73;
    for (int extension = group ? 0 : -1; extension < (group ? 8 : 0); extension++) {
      for (int form = 0; form < 4; form++) {
        Encoding e = new Encoding(null, prefix, (form & 1) != 0, map, opcode, extension, (form & 2) != 0);
        if (processor.bind(e.bytes(1, 2, 0)) != null) {
          found.add(new Encoding(processor.instruction.mnemonic, prefix, e.wide(), map, opcode, extension, e.memory()));
        }
      }
    }
  }
}
