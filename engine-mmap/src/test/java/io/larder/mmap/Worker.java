package io.larder.mmap;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The process that a test starts beside itself. It says a line for each thing that is done:
 *
 * <ul>
 *   <li>{@code serve FILE BYTES}: opens the file, then does what the lines of its standard input say;
 *   <li>{@code write FILE BYTES}: opens the file, then overwrites keys from two threads until it is killed, and says
 *       each key and count when it is stored;
 *   <li>{@code mortal FILE BYTES}: as {@code serve}, but halts, under the lock of the partition, when a value is
 *       replaced;
 *   <li>{@code mortal-evictor FILE BYTES}: as {@code serve}, but halts, under the lock of a partition, when so many
 *       entries have been removed;
 *   <li>{@code stuck FILE BYTES}: as {@code serve}, but says so when a value is replaced, and stays there, under the
 *       lock of the partition, until it is told a line;
 *   <li>{@code crowded FILE BYTES}: as {@code serve}, but somebody else fills the disk when it has been found to have
 *       space enough, and leaves it as soon as the file was refused: then the file is opened again;
 *   <li>{@code halt FILE BYTES}: halts in the middle of making the file.
 * </ul>
 *
 * A fourth argument is how long it waits for others; with {@code limit} a fifth is up to where the file can grow.
 */
final class Worker {
  static final int PARTITIONS = 4;
  static final Duration WAIT = Duration.ofMinutes(1);
  private static final int THREADS = 2;
  private static final int KEYS = 1000;
  private static final int EVICTIONS = 10_000;
  private static final long COUNTS_PER_LIFE = 1_000_000_000;
  private static final Path NAMESPACE = Path.of("/proc/self/ns/pid");
  private static final BufferedReader IN = new BufferedReader(new InputStreamReader(System.in, UTF_8));
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
      options = options.withSink((cause, key, value, flags) -> halt());
    }
    if (arguments[0].equals("mortal-evictor")) {
      AtomicInteger evictions = new AtomicInteger();
      options =
          options.withSink(
              (cause, key, value, flags) -> {
                if (evictions.incrementAndGet() == EVICTIONS) {
                  halt();
                }
              });
    }
    if (arguments[0].equals("stuck")) {
      options = options.withSink((cause, key, value, flags) -> stayUnderTheLock());
    }
    if (arguments[0].equals("crowded")) {
      openACrowdedDisk(file, bytes, options);
    }
    SharedRegion region;
    try {
      boolean limited = arguments.length > 4;
      Duration wait = arguments.length == 4 ? Duration.parse(arguments[3]) : WAIT;
      region =
          limited
              ? SharedRegion.open(file, new FileSize(bytes, Long.parseLong(arguments[4])), options, wait)
              : SharedRegion.open(file, bytes, options, wait);
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

  private static void stayUnderTheLock() {
    OUT.println("locked");
    nextLine();
  }

  private static void openACrowdedDisk(Path file, long bytes, StoreOptions options) throws IOException {
    CrowdedHost host = new CrowdedHost(file);
    try {
      SharedRegion.open(file, bytes, options, WAIT, host).close();
      OUT.println("opened");
    } catch (RegionFileException refusal) {
      OUT.println("refused " + refusal.reason() + " " + refusal.getMessage());
    }
    OUT.println("left " + Files.exists(file) + " crowded " + host.leave());
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
    String line = nextLine();
    while (line != null) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "put" -> OUT.println(Values.put(region.store(), words[1], words[2]) > 0 ? "stored" : "not stored");
        case "large" -> {
          long generation = Values.put(region.store(), words[1], new byte[Integer.parseInt(words[2])]);
          OUT.println(generation > 0 ? "stored" : "not stored");
        }
        case "get" -> OUT.println(Objects.requireNonNullElse(Values.get(region.store(), words[1]), "absent"));
        case "dead" -> OUT.println(region.owners().isDead(Long.parseLong(words[1])));
        case "volume" -> {
          Volume volume = Host.THIS.volume(region.file());
          OUT.println(volume.type() + " " + volume.readOnly());
        }
        case "whoami" -> OUT.println(ProcessHandle.current().pid() + " " + Files.readSymbolicLink(NAMESPACE));
        case "running" -> OUT.println(ProcessHandle.of(Long.parseLong(words[1])).isPresent());
        case "everywhere" -> OUT.println(putEverywhere(region.store()) ? "stored" : "not stored");
        case "resize" -> {
          try {
            OUT.println("size " + region.resize(Long.parseLong(words[1])));
          } catch (RegionFileException refusal) {
            OUT.println("refused " + refusal.reason() + " " + refusal.getMessage());
          }
        }
        case "size" -> OUT.println("size " + region.store().bytes());
        case "repairs" -> OUT.println(region.store().repairs());
        case "valid" -> {
          region.store().assertValid();
          OUT.println("valid");
        }
        case "close" -> {
          region.close();
          OUT.println("closed");
        }
        default -> OUT.println("what is " + line);
      }
      line = nextLine();
    }
  }

  private static @Nullable String nextLine() {
    try {
      return IN.readLine();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Writes to every partition, and reads what it has written. */
  private static boolean putEverywhere(Store store) {
    BitSet partitions = new BitSet();
    boolean stored = true;
    for (int i = 0; partitions.cardinality() < store.geometry().partitionCount(); i++) {
      String key = "everywhere-" + i;
      stored &= Values.put(store, key, Values.counted(key, i)) > 0 && Values.count(store, key) == i;
      partitions.set(Values.partition(store, key));
    }
    return stored;
  }
}
