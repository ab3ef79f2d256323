package org.sallyport.scripting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations, sizes, JSON. */
class QuantitiesTest {
  @ParameterizedTest
  @CsvSource({"500ms,500", "60s,60000", "60,60000", "1.5s,1500", "2m,120000", "2min,120000", "1h,3600000", "0,0",
      " 5 s ,5000"})
  void readsDurations(String text, long millis) {
    assertEquals(millis, Quantities.millis(text));
  }

  @ParameterizedTest
  @CsvSource({"0,0", "4096,4096", "64K,65536", "256M,268435456", "1G,1073741824", "1gib,1073741824", "16kb,16384",
      "0x1000,4096"})
  void readsSizes(String text, long bytes) {
    assertEquals(bytes, Quantities.bytes(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "1d", "1.5.2s", "s", "256M"})
  void refusesWhatIsNoDuration(String text) {
    assertThrows(IllegalArgumentException.class, () -> Quantities.millis(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "1.5G", "99999999999T", "9999999999999999999999", "5s"})
  void refusesWhatIsNoSize(String text) {
    assertThrows(IllegalArgumentException.class, () -> Quantities.bytes(text));
  }

  @Test
  void writesJson() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("a\"b", Arrays.asList(1, null, true, 1.5, "\n\\\u2028é"));
    map.put("empty", List.of());
    map.put("none", Map.of());
    assertEquals("{\"a\\\"b\":[1,null,true,1.5,\"\\u000a\\\\\\u2028\\u00e9\"],\"empty\":[],\"none\":{}}",
        Json.write(map));
  }
}
