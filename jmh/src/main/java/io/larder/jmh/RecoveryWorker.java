package io.larder.jmh;

import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import io.larder.jmh.Subject.Client;
import io.larder.mmap.SharedRegion;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * One process of {@link RecoveryBench}:
 *
 * <ul>
 *   <li>{@code fill SYSTEM ENTRIES FILE}: makes the file, puts all entries, closes it and says {@code filled};
 *   <li>{@code write SYSTEM ENTRIES FILE SEED}: opens the file and overwrites entries until it is killed; says
 *       {@code writing} when it has been at it for a while;
 *   <li>{@code open SYSTEM ENTRIES FILE KEY}, {@code open-after-kill ...}: opens the file, gets an entry, says
 *       {@code got}, the nanoseconds of opening and of getting, and {@code repaired}, how many partitions were since
 *       the file was made. Then it closes the file.
 * </ul>
 */
public final class RecoveryWorker {
  private static final int WRITES_AT_ONCE = 20_000;

  private RecoveryWorker() {}

  /**
   * Does what its first argument says.
   *
   * @param args as described above
   * @throws IOException if the file cannot be opened
   */
  public static void main(String[] args) throws IOException {
    SharedSystem system = SharedSystem.valueOf(args[1]);
    Shape shape = Shape.usual(Integer.parseInt(args[2]));
    Path file = Path.of(args[3]);
    switch (args[0]) {
      case "fill" -> {
        try (Subject<?> subject = system.open(shape, file)) {
          fill(subject, shape);
        }
        System.out.println("filled");
      }
      case "write" -> {
        try (Subject<?> subject = system.open(shape, file)) {
          write(subject, shape, new SplittableRandom(Long.parseLong(args[4])));
        }
      }
      case "open" -> open(system, shape, file, Integer.parseInt(args[4]), false);
      case "open-after-kill" -> open(system, shape, file, Integer.parseInt(args[4]), true);
      default -> throw new IllegalArgumentException("role=" + args[0]);
    }
  }

  private static <K> void fill(Subject<K> subject, Shape shape) {
    Values values = new Values(shape.valueBytes());
    Client<K> client = subject.newClient();
    for (int i = 0; i < shape.entries(); i++) {
      client.put(subject.newKey(i), values.of(i));
    }
  }

  private static <K> void write(Subject<K> subject, Shape shape, SplittableRandom random) {
    Values values = new Values(shape.valueBytes());
    Client<K> client = subject.newClient();
    while (true) {
      for (int i = 0; i < WRITES_AT_ONCE; i++) {
        client.put(subject.newKey(random.nextInt(shape.entries())), values.of(random.nextInt()));
      }
      System.out.println("writing");
    }
  }

  private static void open(SharedSystem system, Shape shape, Path file, int number, boolean afterKill)
      throws IOException {
    byte[] key = Keys.bytes(number, shape.keyBytes());
    long begin = System.nanoTime();
    try (Subject<?> subject = afterKill ? system.openAfterKill(shape, file) : system.open(shape, file)) {
      long opened = System.nanoTime();
      Client<byte[]> client = client(subject);
      int length = client.get(key);
      long got = System.nanoTime();
      System.out.println("got " + (opened - begin) + " " + (got - opened));
      check(client, length, shape);
      System.out.println("repaired " + (system == SharedSystem.LARDER ? repairs(file) : 0));
    }
  }

  /** Both systems have byte arrays for keys. */
  @SuppressWarnings("unchecked")
  private static Client<byte[]> client(Subject<?> subject) {
    return ((Subject<byte[]>) subject).newClient();
  }

  private static void check(Client<byte[]> client, int length, Shape shape) {
    Values values = new Values(shape.valueBytes());
    boolean whole = false;
    for (int i = 0; i < Values.COUNT; i++) {
      whole |= Arrays.equals(client.buffer(), values.of(i));
    }
    if (length != shape.valueBytes() || !whole) {
      throw new IllegalStateException("an entry is lost or torn: got length=" + length);
    }
  }

  /** The cache does not tell; the store of the same attachment does. */
  private static long repairs(Path file) throws IOException {
    try (SharedRegion region = SharedRegion.open(file, 0, StoreOptions.ofMemory(1 << 20), Duration.ofSeconds(30))) {
      Store store = region.store();
      return store.repairs();
    }
  }
}
