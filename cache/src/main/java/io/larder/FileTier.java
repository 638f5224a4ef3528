package io.larder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * Makes a second tier in a file.
 *
 * @param file where
 * @param bytes how large
 */
record FileTier(Path file, long bytes) implements TierFactory {
  @Override
  public Tier open(LongSupplier clock) throws IOException {
    return RegionTier.open(file, bytes, clock::getAsLong);
  }

  @Override
  public String toString() {
    return file + " of " + MemorySize.format(bytes);
  }
}
