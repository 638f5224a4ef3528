/** The store over one region. Internal: exported to Larder's own modules only. */
module io.larder.engine {
  requires static org.jspecify;
  requires io.larder.allocator;
  requires org.agrona;

  exports io.larder.engine to
      io.larder.mmap,
      io.larder.cache,
      io.larder.cli;
}
