package org.sallyport.scripting;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.graalvm.polyglot.Value;

/** A script's values as plain Java data. */
final class Values {
  private Values() {}

  /** An object's members; those that are undefined or null are left out. */
  static Map<String, Object> map(Value object) {
    Map<String, Object> result = new LinkedHashMap<>();
    for (String key : object.getMemberKeys()) {
      Object value = plain(object.getMember(key));
      if (value != null) {
        result.put(key, value);
      }
    }
    return result;
  }

  /** Text, boolean, Long, BigInteger, Double, List or Map; null for undefined and null. */
  static Object plain(Value value) {
    if (value == null || value.isNull()) {
      return null;
    }
    if (value.isString()) {
      return value.asString();
    }
    if (value.isBoolean()) {
      return value.asBoolean();
    }
    if (value.fitsInLong()) {
      return value.asLong();
    }
    if (value.fitsInBigInteger()) {
      return value.asBigInteger();
    }
    if (value.isNumber()) {
      return value.asDouble();
    }
    if (value.hasArrayElements()) {
      List<Object> result = new ArrayList<>();
      for (long i = 0; i < value.getArraySize(); i++) {
        result.add(plain(value.getArrayElement(i)));
      }
      return result;
    }
    return value.canExecute() ? value.toString() : map(value);
  }

  /** The bytes of an ArrayBuffer. */
  static byte[] bytes(Value buffer) {
    byte[] result = new byte[Math.toIntExact(buffer.getBufferSize())];
    buffer.readBuffer(0, result, 0, result.length);
    return result;
  }

  /** An address or register value: a number, or a BigInt of up to 64 bits, signed or unsigned. */
  static long bits(Value number) {
    return number.fitsInLong() ? number.asLong() : number.asBigInteger().longValue();
  }

  static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }
}
