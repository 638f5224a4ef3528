package io.larder;

import java.nio.file.Path;

/** The usual second tier without a cache above it, to be measured. */
public final class FileTiers {
  private FileTiers() {}

  /** As {@link CacheBuilder#file} makes it. */
  public static TierFactory file(Path file, long bytes) {
    return clock -> RegionTier.open(file, bytes, 0, clock::getAsLong);
  }
}
