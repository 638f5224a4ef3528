package io.larder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * Makes a second tier in a file.
 *
 * @param file where
 * @param bytes how large
 * @param maximumEntries how many entries there may be; 0 for any number
 */
record FileTier(Path file, long bytes, long maximumEntries) implements TierFactory {
  @Override
  public Tier open(LongSupplier clock) throws IOException {
    return RegionTier.open(file, bytes, maximumEntries, clock::getAsLong);
  }

  @Override
  public String toString() {
    return file + " of " + MemorySize.format(bytes)
        + (maximumEntries == 0 ? "" : " for " + maximumEntries + " entries");
  }
}
