package org.sallyport.scripting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a guest's output reaches a terminal; {@code ^} stands for ESC. */
class EchoFilterTest {
  @ParameterizedTest
  @CsvSource(nullValues = "none", value = {
      "plain text, plain text",
      "prompt# ^[6n, 'prompt# '",
      "a^[5nb^[?6nc^[cd^[0ce^[>c, abcde",
      "^[31mred^[0m, ^[31mred^[0m",
      "^[2J^[10;20Hx, ^[2J^[10;20Hx",
      "^^[6n, ^",
      "^[^[6nx, ^[x",
      "^7^8n^(B, ^7^8n^(B",
      "^[1;2;3;4;5;6;7;8;9;10;11n, ^[1;2;3;4;5;6;7;8;9;10;11n",
      "cut^[12, cut^[12"})
  void leavesQuestionsOut(String guest, String shown) {
    byte[] bytes = guest.replace('^', '\u001b').getBytes(StandardCharsets.UTF_8);
    for (int piece : new int[]{1, 2, 3, bytes.length}) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      EchoFilter filter = new EchoFilter(new PrintStream(out));
      for (int i = 0; i < bytes.length; i += piece) {
        filter.write(java.util.Arrays.copyOfRange(bytes, i, Math.min(bytes.length, i + piece)));
      }
      filter.flush();
      assertEquals(shown, out.toString(StandardCharsets.UTF_8).replace('\u001b', '^'), "in pieces of " + piece);
    }
  }
}
