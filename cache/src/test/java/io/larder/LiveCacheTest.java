package io.larder;

/** A cache with live objects does what one without does. */
class LiveCacheTest extends CacheTest {
  private static final int LIVE_OBJECTS = 1_000;

  @Override
  CacheBuilder<String, String> builder() {
    return super.builder().liveObjects(LIVE_OBJECTS);
  }
}
