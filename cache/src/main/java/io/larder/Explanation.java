package io.larder;

import io.larder.engine.KeyReport;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why a key is in the cache or is not, {@link Cache#explain}. Its text is for logs.
 *
 * @param fate what became of the key
 * @param age how long ago that was, up to about a tenth of a second more; null where nothing happened: of {@link
 *     Fate#PRESENT}, {@link Fate#BEING_LOADED} and {@link Fate#UNKNOWN}
 * @param version of an entry that is in the memory, 1 or more; 0 otherwise
 * @param timeLeft how long an entry that is there has to live; null when it does not expire, or is not in the
 *     memory
 */
public record Explanation(Fate fate, @Nullable Duration age, long version, @Nullable Duration timeLeft) {

  /** The entry is in the second tier only. */
  static final Explanation PRESENT_BELOW = new Explanation(Fate.PRESENT, null, 0, null);

  /** What became of a key. */
  public enum Fate {
    /** It was never there, or that is too long ago. */
    UNKNOWN,
    /**
     * It was put, and went first when something had to go: what was there is asked for more often. Should it stay, the
     * cache needs more memory, or the key a higher {@link Entry#cost}.
     */
    NOT_ADMITTED,
    /** It made room for others. */
    EVICTED,
    /** Its time was over: as long ago as the age says, whenever its space was taken back. */
    EXPIRED,
    /** Someone removed it. */
    REMOVED,
    /** Someone cleared the cache, and nothing has been heard of the key since: it may not have been there. */
    CLEARED,
    /** Its value was refused, as it is larger than the cache takes. */
    TOO_LARGE,
    /** Its value was refused, as no room was found, whatever was evicted: as while many large values are written. */
    NO_SPACE,
    /**
     * Its entry had been damaged, which {@link CacheBuilder#verifyReads} finds out, and sometimes decompression, and is
     * not used any more.
     */
    FAILED_CHECKSUM,
    /** It is there. */
    PRESENT,
    /** It is not there, and somebody has begun to load it. It stays so if he was killed, until somebody asks again. */
    BEING_LOADED
  }

  static Explanation of(KeyReport report) {
    return new Explanation(
        Fate.valueOf(report.fate().name()), duration(report.ageMillis()), report.version(),
        duration(report.leftMillis()));
  }

  private static @Nullable Duration duration(long millis) {
    return millis == KeyReport.NONE ? null : Duration.ofMillis(millis);
  }

  /** Such as {@code EVICTED PT3.25S ago}, or {@code PRESENT, version 17, for another PT30S}. */
  @Override
  public String toString() {
    return fate
        + (age == null ? "" : " " + age + " ago")
        + (version == 0 ? "" : ", version " + version)
        + (timeLeft == null ? "" : ", for another " + timeLeft);
  }
}
