/** The {@code larder} command. */
module io.larder.cli {
  requires static org.jspecify;
  requires java.desktop;
  requires java.management;
  requires jdk.jfr;
  requires jdk.management;
  requires io.larder.cache;
  requires io.larder.engine;
  requires io.larder.mmap;
  requires info.picocli;
  requires HdrHistogram;
  requires com.github.benmanes.caffeine;
  requires xchart;
  requires VectorGraphics2D;

  opens io.larder.cli to
      info.picocli;
}
