package io.larder.engine;

/**
 * Why a key is there or is not, {@link Store#explain}.
 *
 * @param fate what became of it
 * @param ageMillis how long ago that was, in milliseconds, up to about 100 of them more; {@link #NONE} where nothing
 *     happened: of what is there, is being loaded, or is not known
 * @param version of an entry that is there; 0 otherwise
 * @param leftMillis how long an entry that is there has to live, in milliseconds; {@link #NONE} when it does not expire
 *     or is not there
 */
public record KeyReport(Fate fate, long ageMillis, long version, long leftMillis) {
  /** No such time. */
  public static final long NONE = -1;

  /** Of a key of which nothing is known. */
  static final KeyReport UNKNOWN = of(Fate.UNKNOWN, NONE);

  static KeyReport of(Fate fate, long ageMillis) {
    return new KeyReport(fate, ageMillis, 0, NONE);
  }
}
