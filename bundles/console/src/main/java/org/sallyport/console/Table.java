package org.sallyport.console;

import java.util.ArrayList;
import java.util.List;

/** Text in columns: each as wide as its widest cell, two blanks apart. Columns of numbers stand to the right. */
final class Table {
  private static final String NUMBER = "-?[\\d,]+(\\.\\d+)?%?|";

  private final List<String> head;
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... head) {
    this.head = List.of(head);
  }

  /** Adds a row; a cell may be anything. */
  Table row(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(String.valueOf(cell));
    }
    rows.add(row);
    return this;
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The table; or, if it has no rows, the text that says so. */
  String orElse(String nothing) {
    return rows.isEmpty() ? nothing : toString();
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    int[] widths = new int[head.size()];
    boolean[] numbers = new boolean[head.size()];
    for (int column = 0; column < widths.length; column++) {
      widths[column] = head.get(column).length();
      numbers[column] = true;
      for (List<String> row : rows) {
        widths[column] = Math.max(widths[column], row.get(column).length());
        numbers[column] &= row.get(column).matches(NUMBER);
      }
    }
    line(out, head, widths, numbers);
    rows.forEach(row -> line(out.append('\n'), row, widths, numbers));
    return out.toString();
  }

  private static void line(StringBuilder out, List<String> cells, int[] widths, boolean[] numbers) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.length; column++) {
      String pad = " ".repeat(widths[column] - cells.get(column).length());
      line.append(column == 0 ? "" : "  ").append(numbers[column] ? pad + cells.get(column) : cells.get(column) + pad);
    }
    out.append(line.toString().stripTrailing());
  }

  /** A number with its thousands apart: {@code 1,234,567}. */
  static String count(long number) {
    return String.format("%,d", number);
  }
}
