package io.larder.engine;

import java.io.IOException;

/**
 * Gives space to parts of a region, and takes it from them. Whoever holds the region's resizer lock calls, one at a
 * time.
 */
public interface RegionSpace {
  /**
   * Gives space to a range that nobody uses, and makes it all zero.
   *
   * @param from first byte, from the start of the region
   * @param to behind the last byte
   * @throws IOException when there is none; the range may have a part of it then
   */
  void reserve(long from, long to) throws IOException;

  /**
   * Waits for a while, so that readers come to their end who still look at what has just been taken out of use. Called
   * before space is given back.
   */
  void awaitReaders();

  /**
   * Takes the space of a range that nobody uses, if that is possible; some of it may have none. What was in the range
   * is lost.
   *
   * @param from first byte, from the start of the region
   * @param to behind the last byte
   * @throws IOException when it cannot be found out whether it is possible
   */
  void giveBack(long from, long to) throws IOException;
}
