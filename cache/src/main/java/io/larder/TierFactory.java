package io.larder;

import java.io.IOException;
import java.nio.file.Path;
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

  /**
   * The tier of {@link CacheBuilder#file(Path, long)}, for who puts something in front of it: what counts, delays or
   * fails.
   *
   * @throws IllegalArgumentException when the size is outside the limits
   */
  static TierFactory file(Path file, long bytes) {
    return CacheBuilder.fileTier(file, bytes, 0);
  }
}
