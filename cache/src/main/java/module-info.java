/** The cache that users embed. */
module io.larder.cache {
  requires static org.jspecify;
  requires io.larder.engine;
  requires io.larder.allocator;
  requires io.larder.nativeaccess;
}
