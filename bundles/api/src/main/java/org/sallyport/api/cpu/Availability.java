package org.sallyport.api.cpu;

/**
 * The answer to a probe.
 *
 * @param available whether the thing can be used
 * @param reason one sentence for people: why not, or what was found
 */
public record Availability(boolean available, String reason) {
  /** It can be used. */
  public static Availability yes(String found) {
    return new Availability(true, found);
  }

  /** It cannot be used. */
  public static Availability no(String why) {
    return new Availability(false, why);
  }
}
