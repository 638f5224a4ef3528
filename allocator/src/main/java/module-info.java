/** Regions, slabs and size classes. Internal: exported to Larder's own modules only. */
module io.larder.allocator {
  requires static org.jspecify;
  requires io.larder.nativeaccess;

  exports io.larder.allocator to
      io.larder.engine,
      io.larder.mmap,
      io.larder.cache;
}
