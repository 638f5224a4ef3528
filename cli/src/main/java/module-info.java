/** The {@code larder} command. */
module io.larder.cli {
  requires static org.jspecify;
  requires java.management;
  requires jdk.management;
  requires io.larder.cache;
  requires io.larder.engine;
  requires io.larder.mmap;
  requires info.picocli;
  requires HdrHistogram;
  requires com.github.benmanes.caffeine;

  opens io.larder.cli to
      info.picocli;
}
