/** The cache that users embed. */
module io.larder.cache {
  requires static transitive org.jspecify;
  requires static tools.jackson.databind;
  requires static org.lz4.java;
  requires io.larder.engine;
  requires io.larder.allocator;
  requires io.larder.mmap;
  requires io.larder.nativeaccess;
  requires org.agrona;
  requires jdk.management;

  exports io.larder;
}
