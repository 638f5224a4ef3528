package io.larder.jmh;

import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import io.larder.mmap.SharedRegion;
import io.larder.mmap.TierRegion;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** Where the entries are that {@link SafepointBenchmark} gets. */
enum SafepointCase {
  /** In private memory: no tier at all. */
  MEMORY("private memory, no tier"),
  /** In the file of a tier, whose pages are brought in before they are accessed. */
  TIER("a cold tier"),
  /** In a file that is mapped and accessed as memory is; as a tier would be without that. */
  PLAIN("a cold file, mapped as it is");

  private static final Duration WAIT = Duration.ofMinutes(5);

  private final String description;

  SafepointCase(String description) {
    this.description = description;
  }

  /** The name in files and raw results. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** For people. */
  String description() {
    return description;
  }

  /** Whether it is a file. */
  boolean isFile() {
    return this != MEMORY;
  }

  /** Opens the store; checksums are on in all cases. */
  Opened open(Path file, long bytes) throws IOException {
    StoreOptions options = StoreOptions.ofMemory(bytes).withVerifyReads(true);
    return switch (this) {
      case MEMORY -> {
        Store store = Store.open(options);
        yield new Opened(store, () -> {}, store::close);
      }
      case TIER -> {
        TierRegion tier = TierRegion.open(file, bytes, options, WAIT);
        yield new Opened(tier.store(), tier::look, tier::close);
      }
      case PLAIN -> {
        SharedRegion region = SharedRegion.open(file, bytes, options, WAIT);
        yield new Opened(region.store(), region::look, region::close);
      }
    };
  }

  /**
   * A store that is open.
   *
   * @param store the store
   * @param look to be called once a second
   * @param closing how to close it
   */
  record Opened(Store store, Runnable look, Runnable closing) implements AutoCloseable {
    @Override
    public void close() {
      closing.run();
    }
  }
}
