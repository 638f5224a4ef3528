/** The region that lives in a file. Internal: exported to Larder's own modules only. */
module io.larder.mmap {
  requires static org.jspecify;
  requires io.larder.allocator;
  requires io.larder.engine;
  requires io.larder.nativeaccess;

  exports io.larder.mmap to
      io.larder.cache,
      io.larder.cli;
}
