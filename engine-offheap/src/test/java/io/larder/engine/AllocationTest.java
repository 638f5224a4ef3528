package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What the hot paths allocate on the heap: nothing. */
class AllocationTest {
  private static final int WARM_UP = 100_000;
  private static final int OPERATIONS = 200_000;
  private static final int ROUNDS = 5;

  /** Something done once, but not an object for each operation. */
  private static final long BYTES_MAX = 4 << 10;

  private static final int KEYS = 5_000;
  private static final int KEY_BYTES = 24;

  /** A store of a size, and what an operation on it needs. */
  static final class World implements AutoCloseable {
    final Store store;
    final Arena arena = Arena.ofConfined();
    final byte[] key = new byte[KEY_BYTES];
    final byte[][] keys = new byte[KEYS][];
    final byte[] value = new byte[100];
    final byte[] target = new byte[4_000];
    final MemorySegment nativeTarget = arena.allocate(4_000);
    final EntryInfo info = new EntryInfo();
    final PutSpec spec = new PutSpec();
    final Batch batch = new Batch(64, 128);
    long now = System.currentTimeMillis();
    long sum;

    World(int memoryMib) {
      store = Store.open(StoreOptions.ofMemory((long) memoryMib << 20).withClock(() -> now));
      for (int number = 0; number < KEYS; number++) {
        keys[number] = key(number).clone();
        put(number);
      }
    }

    byte[] key(int number) {
      for (int i = 0; i < Integer.BYTES; i++) {
        key[i] = (byte) (number >>> (8 * i));
      }
      return key;
    }

    long hash() {
      return store.hash(key, 0, KEY_BYTES);
    }

    void put(int number) {
      key(number);
      value[0] = (byte) number;
      sum += store.put(hash(), key, 0, KEY_BYTES, value, 0, value.length - number % 16, spec);
    }

    @Override
    public void close() {
      store.close();
      arena.close();
    }
  }

  /** Something done to entry number so and so. */
  @FunctionalInterface
  interface Operation {
    void run(World world, int number);
  }

  /** An operation with a name, on a store of some MiB: 64 hold everything, 1 does not. */
  record Case(String name, int memoryMib, Operation operation) {
    @Override
    public String toString() {
      return name;
    }
  }

  static final List<Case> cases =
      List.of(
          new Case("get into array", 64, AllocationTest::get),
          new Case("get into segment", 64, AllocationTest::getIntoSegment),
          new Case("get with info", 64, AllocationTest::getWithInfo),
          new Case("find", 64, AllocationTest::find),
          new Case("read", 64, AllocationTest::read),
          new Case("getAll", 64, AllocationTest::getAll),
          new Case("put", 64, World::put),
          new Case("put of new entries", 64, (world, number) -> world.put(number * 7)),
          new Case("put that evicts", 1, (world, number) -> world.put(number * 7)),
          new Case("put of a segment", 64, AllocationTest::putSegment),
          new Case("put with terms", 64, AllocationTest::putWithTerms),
          new Case("put with a time to idle", 64, AllocationTest::putIdle),
          new Case("get that moves an idle deadline", 64, AllocationTest::getDue),
          new Case("put of a large value", 64, AllocationTest::putLarge),
          new Case("remove", 64, AllocationTest::removeAndPut),
          new Case("maintain", 64, (world, number) -> world.sum += world.store.maintain(4)));

  private static void get(World world, int number) {
    world.key(number % (2 * KEYS));
    world.sum += world.store.get(world.hash(), world.key, 0, KEY_BYTES, world.target, 0, 4_000);
  }

  private static void getIntoSegment(World world, int number) {
    world.key(number % (2 * KEYS));
    world.sum += world.store.get(world.hash(), world.key, 0, KEY_BYTES, world.nativeTarget, 0, 4_000);
  }

  private static void getWithInfo(World world, int number) {
    world.key(number % KEYS);
    world.sum += world.store.get(world.hash(), world.key, 0, KEY_BYTES, world.target, 0, 4_000, world.info);
    world.sum += world.info.version();
  }

  private static void find(World world, int number) {
    world.key(number % KEYS);
    world.sum += world.store.find(world.hash(), world.key, 0, KEY_BYTES, world.info) ? 1 : 0;
  }

  private static void read(World world, int number) {
    world.key(number % KEYS);
    world.store.read(world.hash(), world.key, 0, KEY_BYTES, world, AllocationTest::look);
  }

  private static World look(World world, ValueView view) {
    world.sum += view.length() + view.getLong(0) + view.getInt(8) + view.getByte(12) + view.info().version();
    view.copyTo(0, world.target, 0, view.length());
    return world;
  }

  private static void getAll(World world, int number) {
    world.batch.clear();
    for (int i = 0; i < 64; i++) {
      world.batch.add(world.keys[(number + i) % KEYS]);
    }
    world.store.getAll(world.batch);
    world.sum += world.batch.length(63);
  }

  private static void putSegment(World world, int number) {
    world.key(number % KEYS);
    world.sum += world.store.put(world.hash(), world.key, 0, KEY_BYTES, world.nativeTarget, 0, 200, world.spec);
  }

  private static void putWithTerms(World world, int number) {
    world.spec.reset().expiryMillis(1L << 43).cost(3).userFlags(1);
    world.put(number % KEYS);
  }

  private static void putIdle(World world, int number) {
    world.spec.reset().timeToIdle(1_000, world.now);
    world.put(number % KEYS);
  }

  private static void getDue(World world, int number) {
    if (number == 0) {
      putIdle(world, 0);
    }
    world.now += 500;
    get(world, 0);
  }

  private static void putLarge(World world, int number) {
    world.key(number % 50);
    world.sum +=
        world.store.put(world.hash(), world.key, 0, KEY_BYTES, world.nativeTarget, 0, 4_000, world.spec);
    world.sum += world.store.get(world.hash(), world.key, 0, KEY_BYTES, world.target, 0, 4_000);
  }

  private static void removeAndPut(World world, int number) {
    world.key(number % KEYS);
    world.sum += world.store.remove(world.hash(), world.key, 0, KEY_BYTES, 0);
    world.put(number % KEYS);
  }

  @ParameterizedTest
  @FieldSource("cases")
  void allocatesNothing(Case tried) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (World world = new World(tried.memoryMib)) {
      long least = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS && least > BYTES_MAX; round++) {
        for (int number = 0; number < WARM_UP; number++) {
          tried.operation.run(world, number);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int number = 0; number < OPERATIONS; number++) {
          tried.operation.run(world, number);
        }
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertThat(least).as("bytes allocated by %d operations", OPERATIONS).isLessThanOrEqualTo(BYTES_MAX);
      assertThat(world.sum).isNotZero();
    }
  }
}
