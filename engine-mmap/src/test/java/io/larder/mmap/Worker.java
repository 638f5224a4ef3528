package io.larder.mmap;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * The process that a test starts beside itself. It says a line for each thing that is done:
 *
 * <ul>
 *   <li>{@code serve FILE BYTES}: opens the file, then does what the lines of its standard input say;
 *   <li>{@code write FILE BYTES}: opens the file, then overwrites keys from two threads until it is killed, and says
 *       each key and count when it is stored;
 *   <li>{@code mortal FILE BYTES}: as {@code serve}, but halts, under the lock of the partition, when a value is
 *       replaced;
 *   <li>{@code halt FILE BYTES}: halts in the middle of making the file.
 * </ul>
 *
 * A fourth argument is how long it waits for others.
 */
final class Worker {
  static final int PARTITIONS = 4;
  static final Duration WAIT = Duration.ofMinutes(1);
  private static final int THREADS = 2;
  private static final int KEYS = 1000;
  private static final long COUNTS_PER_LIFE = 1_000_000_000;
  private static final PrintStream OUT = new PrintStream(System.out, true, UTF_8);

  private Worker() {}

  static StoreOptions options(long bytes) {
    return StoreOptions.ofMemory(Math.max(bytes, 1 << 20)).withPartitions(PARTITIONS);
  }

  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[1]);
    long bytes = Long.parseLong(arguments[2]);
    StoreOptions options = options(bytes);
    if (arguments[0].equals("halt")) {
      options = options.withClock(Worker::halt);
    }
    if (arguments[0].equals("mortal")) {
      options = options.withSink((cause, key, value) -> halt());
    }
    SharedRegion region;
    try {
      Duration wait = arguments.length > 3 ? Duration.parse(arguments[3]) : WAIT;
      region = SharedRegion.open(file, bytes, options, wait);
    } catch (RegionFileException refusal) {
      OUT.println("refused " + refusal.reason() + " " + refusal.getMessage());
      return;
    }
    OUT.println("open " + region.attachment() + " " + region.owners().token() + " " + region.created());
    if (arguments[0].equals("write")) {
      for (int thread = 0; thread < THREADS; thread++) {
        String name = region.attachment() + "-" + thread;
        Thread.ofPlatform().start(() -> write(region.store(), name, firstCount(region)));
      }
    } else {
      serve(region);
    }
  }

  private static long halt() {
    Runtime.getRuntime().halt(1);
    return 0;
  }

  /** Higher than all counts of those who had the same slot, and so the same keys, before. */
  private static long firstCount(SharedRegion region) {
    return (region.owners().token() >>> 16) * COUNTS_PER_LIFE;
  }

  private static void write(Store store, String name, long first) {
    for (long count = first; ; count++) {
      String key = name + "-" + count % KEYS;
      if (Values.put(store, key, Values.counted(key, count)) <= 0) {
        throw new IllegalStateException("refused " + key);
      }
      OUT.println(key + " " + count);
    }
  }

  private static void serve(SharedRegion region) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    String line = in.readLine();
    while (line != null) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "put" -> OUT.println(Values.put(region.store(), words[1], words[2]) > 0 ? "stored" : "not stored");
        case "get" -> OUT.println(Objects.requireNonNullElse(Values.get(region.store(), words[1]), "absent"));
        case "dead" -> OUT.println(region.owners().isDead(Long.parseLong(words[1])));
        case "close" -> {
          region.close();
          OUT.println("closed");
        }
        default -> OUT.println("what is " + line);
      }
      line = in.readLine();
    }
  }
}
