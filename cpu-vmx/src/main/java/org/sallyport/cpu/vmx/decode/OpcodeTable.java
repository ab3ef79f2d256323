package org.sallyport.cpu.vmx.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The opcode maps in the form that the decoder walks: per opcode a decision tree over mode, prefixes and the fields of
 * ModRM, whose leaves are rows.
 */
final class OpcodeTable {
  /** One-byte map (with x87), 0F, 0F38, 0F3A. */
  static final int MAPS = 4;

  /**
   * Node of each opcode: map number times 256, plus opcode. A node that is not negative is a row; a negative one,
   * negated, is the place of a selector in {@link #TREE}.
   */
  static final short[] ROOTS = new short[MAPS * 256];

  /** Selectors: a dimension ({@link OpcodeParser#MODE}…), then the node for each of its values. */
  static final short[] TREE;

  /** Per row: up to four {@link OperandCode}s, the first one in the low bits. */
  static final long[] OPERANDS;

  /** Per row: flags as {@link OpcodeParser} defines them. */
  static final short[] FLAGS;

  static final Mnemonic[] MNEMONICS;

  private static short[] tree = new short[8192];
  private static int treeLength = 1;

  static {
    OpcodeParser parser = new OpcodeParser();
    build(parser, 0, OneByteMap.ROWS, X87Map.ROWS);
    build(parser, 1, TwoByteMap.ROWS, TwoByteVectorMap.ROWS);
    build(parser, 2, Map0F38.ROWS);
    build(parser, 3, Map0F3A.ROWS);
    int rows = parser.mnemonics.size();
    TREE = Arrays.copyOf(tree, treeLength);
    OPERANDS = Arrays.copyOf(parser.operands, rows);
    FLAGS = Arrays.copyOf(parser.flags, rows);
    MNEMONICS = parser.mnemonics.toArray(new Mnemonic[0]);
    tree = null;
  }

  private OpcodeTable() {}

  private static void build(OpcodeParser parser, int map, String... texts) {
    List<List<OpcodeParser.Row>> opcodes = new ArrayList<>(256);
    for (int i = 0; i < 256; i++) {
      opcodes.add(new ArrayList<>());
    }
    for (String text : texts) {
      parser.parse(text, opcodes);
    }
    for (int i = 0; i < 256; i++) {
      OpcodeParser.Row[] rows = opcodes.get(i).toArray(new OpcodeParser.Row[0]);
      // Sets of rows are bits of a long.
      ROOTS[map * 256 + i] = node(rows, (1L << rows.length) - 1, 0);
    }
  }

  private static short node(OpcodeParser.Row[] rows, long set, int from) {
    int dimension = from;
    while (dimension < OpcodeParser.DIMENSIONS && !divides(rows, set, dimension)) {
      dimension++;
    }
    if (dimension == OpcodeParser.DIMENSIONS) {
      return set == 0 ? 0 : (short) rows[Long.numberOfTrailingZeros(set)].index;
    }
    int values = OpcodeParser.values(dimension);
    int place = treeLength;
    treeLength += values + 1;
    if (treeLength > tree.length) {
      tree = Arrays.copyOf(tree, tree.length * 2);
    }
    tree[place] = (short) dimension;
    for (int value = 0; value < values; value++) {
      short child = node(rows, fitting(rows, set, dimension, value), dimension + 1);
      tree[place + 1 + value] = child;
    }
    return (short) -place;
  }

  private static long fitting(OpcodeParser.Row[] rows, long set, int dimension, int value) {
    long fitting = 0;
    for (long rest = set; rest != 0; rest &= rest - 1) {
      int i = Long.numberOfTrailingZeros(rest);
      fitting |= (rows[i].mask >> dimension * 8 + value & 1) << i;
    }
    return fitting;
  }

  private static boolean divides(OpcodeParser.Row[] rows, long set, int dimension) {
    int all = (1 << OpcodeParser.values(dimension)) - 1;
    for (long rest = set; rest != 0; rest &= rest - 1) {
      if (OpcodeParser.mask(rows[Long.numberOfTrailingZeros(rest)].mask, dimension) != all) {
        return true;
      }
    }
    return false;
  }
}
