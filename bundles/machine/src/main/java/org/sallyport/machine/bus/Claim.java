package org.sallyport.machine.bus;

/**
 * Addresses that somebody answers.
 *
 * @param owner name of the device, for messages
 * @param first first address
 * @param last last address
 * @param target who answers
 */
public record Claim<T>(String owner, long first, long last, T target) {
  boolean overlaps(Claim<?> other) {
    return first <= other.last && other.first <= last;
  }
}
