package org.sallyport.cpu.vmx.translate;

import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The classes of the regions compiled last. The same code at the same place gives the same class, so that what HotSpot has compiled for one
 * processor serves the others too, and code that was discarded and comes back is as fast as it was.
 */
final class RegionClasses {
  private static final int KEPT = 2000;

  private final Map<ByteBuffer, Class<?>> classes = new LinkedHashMap<>(KEPT, 0.75f, true) {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Class<?>> eldest) {
      return size() > KEPT;
    }
  };

  /** The class with this class file. */
  Class<?> get(byte[] file) throws IllegalAccessException {
    ByteBuffer key = ByteBuffer.wrap(digest(file));
    Class<?> type = classes.get(key);
    if (type == null) {
      type = MethodHandles.lookup().defineHiddenClass(file, false).lookupClass();
      classes.put(key, type);
    }
    return type;
  }

  private static byte[] digest(byte[] file) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(file);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
