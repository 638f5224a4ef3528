package io.larder;

import java.io.IOException;
import java.util.function.LongSupplier;

/** Makes the second tier of a cache, when the cache is built. Its text names the tier in the log. */
@FunctionalInterface
public interface TierFactory {
  /**
   * Opens the tier; once.
   *
   * @param clock the time by which entries expire, in milliseconds; quick, for any thread
   * @throws IOException when it cannot be had; building fails with {@link CacheException.Code#FILE_UNAVAILABLE} then
   */
  Tier open(LongSupplier clock) throws IOException;
}
