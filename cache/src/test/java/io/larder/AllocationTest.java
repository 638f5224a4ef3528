package io.larder;

import static io.larder.Caches.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * No method of {@link ByteCache} allocates, but for those that say so: measured by the JVM's counter of the bytes
 * that the thread has allocated, over so many operations that a single object in each of them would show.
 */
final class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int KEYS = 1_024;
  private static final int WARM_UP = 100_000;
  private static final int OPERATIONS = 200_000;

  /** Far below an object per operation; the JVM itself may allocate a little in any thread. */
  private static final long BYTES_MAX = 16 << 10;

  private final ByteCache cache = Larder.builder(Codec.bytes(), Codec.bytes()).memory("16MiB").buildBytes();
  private final byte[][] keys = new byte[KEYS][];
  private final byte[] value = new byte[100];
  private final byte[] target = new byte[128];
  private final Entry entry = Entry.ttl(Duration.ofHours(1)).cost(3);

  @BeforeEach
  void fill() {
    for (int i = 0; i < KEYS; i++) {
      keys[i] = bytes("key-of-24-bytes-%08d".formatted(i));
      cache.put(keys[i], value);
    }
  }

  @AfterEach
  void close() {
    cache.close();
  }

  private byte[] key(int operation) {
    return keys[operation & (KEYS - 1)];
  }

  private static void allocatesNothing(IntConsumer operation) {
    for (int i = 0; i < WARM_UP; i++) {
      operation.accept(i);
    }
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < OPERATIONS; i++) {
      operation.accept(i);
    }
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
        .as("bytes allocated by %d operations", OPERATIONS)
        .isLessThan(BYTES_MAX);
  }

  @Test
  void theCounterSeesAllocations() {
    for (int i = 0; i < WARM_UP; i++) {
      cache.get(key(i));
    }
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < OPERATIONS; i++) {
      cache.get(key(i));
    }
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
        .as("one array of 100 bytes each")
        .isBetween(OPERATIONS * 100L, OPERATIONS * 130L);
  }

  @Test
  void getIntoAnArray() {
    allocatesNothing(i -> cache.get(key(i), target));
  }

  @Test
  void getIntoARangeOfAnArray() {
    allocatesNothing(i -> cache.get(key(i), 0, 24, target, 10));
  }

  @Test
  void getOfWhatIsNotThere() {
    byte[] absent = bytes("absent");
    allocatesNothing(i -> cache.get(absent, target));
  }

  @Test
  void getIntoASegment() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(128);
      allocatesNothing(i -> cache.get(key(i), segment));
      MemorySegment key = arena.allocate(24).copyFrom(MemorySegment.ofArray(keys[3]));
      allocatesNothing(i -> cache.get(key, segment));
    }
  }

  @Test
  void getIntoABuffer() {
    ByteBuffer heap = ByteBuffer.allocate(128);
    ByteBuffer direct = ByteBuffer.allocateDirect(128);
    ByteBuffer key = ByteBuffer.allocateDirect(24).put(keys[3]).flip();
    allocatesNothing(i -> cache.get(key(i), heap.clear()));
    allocatesNothing(i -> cache.get(key(i), direct.clear()));
    allocatesNothing(i -> cache.get(key, direct.clear()));
  }

  @Test
  void read() {
    long[] sum = {0};
    allocatesNothing(i -> cache.read(key(i), sum, AllocationTest::add));
    allocatesNothing(i -> cache.read(key(i), 0, 24, sum, AllocationTest::add));
    allocatesNothing(i -> cache.read(key(i), AllocationTest::nothing));
  }

  private static long[] add(long[] sum, ValueView view) {
    sum[0] += view.length() + view.getLong(8);
    return sum;
  }

  private static Boolean nothing(ValueView view) {
    return view.getByte(0) == 0;
  }

  @Test
  void getAll() {
    Batch batch = new Batch(64, 128);
    allocatesNothing(
        i -> {
          batch.clear();
          for (int j = 0; j < 4; j++) {
            batch.add(key(i + j));
          }
          cache.getAll(batch);
        });
  }

  @Test
  void containsAndVersion() {
    allocatesNothing(i -> cache.containsKey(key(i)));
    allocatesNothing(i -> cache.version(key(i)));
  }

  @Test
  void put() {
    allocatesNothing(i -> cache.put(key(i), value));
    allocatesNothing(i -> cache.put(key(i), value, entry));
    allocatesNothing(i -> cache.put(key(i), 0, 24, value, 10, i % 80, entry));
  }

  @Test
  void putOfSegments() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(100);
      MemorySegment key = arena.allocate(24).copyFrom(MemorySegment.ofArray(keys[3]));
      allocatesNothing(i -> cache.put(key(i), segment, entry));
      allocatesNothing(i -> cache.put(key, segment, entry));
      allocatesNothing(
          i -> {
            cache.remove(key);
            cache.put(key, segment, entry);
          });
    }
  }

  @Test
  void putOfBuffers() {
    ByteBuffer heap = ByteBuffer.wrap(value);
    ByteBuffer direct = ByteBuffer.allocateDirect(100);
    ByteBuffer key = ByteBuffer.allocateDirect(24).put(keys[3]).flip();
    allocatesNothing(i -> cache.put(key(i), heap, entry));
    allocatesNothing(i -> cache.put(key(i), direct, entry));
    allocatesNothing(i -> cache.put(key, direct, entry));
  }

  @Test
  void putOfNewKeysWithEviction() {
    byte[] key = keys[0].clone();
    byte[] large = new byte[4_000];
    allocatesNothing(
        i -> {
          key[0] = (byte) i;
          key[1] = (byte) (i >> 8);
          key[2] = (byte) (i >> 16);
          cache.put(key, large);
        });
    assertThat(cache.stats().evictions()).isPositive();
  }

  @Test
  void conditionalWrites() {
    allocatesNothing(i -> cache.putIfAbsent(key(i), value, entry));
    allocatesNothing(i -> cache.replace(key(i), value, entry));
    allocatesNothing(i -> cache.replaceIfVersion(key(i), cache.version(key(i)), value, entry));
    allocatesNothing(i -> cache.removeIfVersion(key(i), 1L << 40));
  }

  @Test
  void removeAndPut() {
    allocatesNothing(
        i -> {
          cache.remove(key(i));
          cache.put(key(i), value);
        });
  }

  @Test
  void readsOfCompressedValues() {
    byte[] large = new byte[6_000];
    Compression compression = Compression.lz4().inMemory();
    try (ByteCache packed =
            Larder.builder(Codec.bytes(), Codec.bytes()).memory("16MiB").compress(compression).buildBytes();
        Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < KEYS; i++) {
        large[i]++;
        packed.put(keys[i], large, entry);
      }
      assertThat(packed.stats().payloadBytes()).isLessThan(KEYS * 3_000L);
      byte[] array = new byte[6_000];
      byte[] small = new byte[100];
      MemorySegment segment = arena.allocate(6_000);
      ByteBuffer direct = ByteBuffer.allocateDirect(6_000);
      Batch batch = new Batch(1, 6_000);
      long[] sum = {0};
      allocatesNothing(i -> packed.get(key(i), array));
      allocatesNothing(i -> packed.get(key(i), small));
      allocatesNothing(i -> packed.get(key(i), segment));
      allocatesNothing(i -> packed.get(key(i), direct.clear()));
      allocatesNothing(i -> packed.read(key(i), sum, AllocationTest::add));
      allocatesNothing(
          i -> {
            batch.clear();
            packed.getAll(batch.add(key(i)));
          });
    }
  }

  @Test
  void hitsOfLiveObjects() {
    try (Cache<String, byte[]> typed =
        Larder.builder(Codec.utf8(), Codec.bytes()).memory("16MiB").liveObjects(4 * KEYS).build()) {
      String[] names = new String[KEYS];
      for (int i = 0; i < KEYS; i++) {
        names[i] = "user:" + i;
        typed.put(names[i], value, i % 2 == 0 ? Entry.plain() : entry);
      }
      long before = typed.stats().liveHits();
      allocatesNothing(i -> typed.get(names[i & (KEYS - 1)]));
      assertThat(typed.stats().liveHits() - before).isGreaterThan(OPERATIONS);
    }
  }

  @Test
  void keysOfTheTypedCacheAllocateNothingEither() {
    try (Cache<String, byte[]> typed = Larder.builder(Codec.utf8(), Codec.bytes()).memory("16MiB").build()) {
      String[] names = new String[KEYS];
      for (int i = 0; i < KEYS; i++) {
        names[i] = (i % 2 == 0 ? "user:" : "b\u00E9nutzer:") + i;
        typed.put(names[i], value);
      }
      allocatesNothing(i -> typed.put(names[i & (KEYS - 1)], value));
      allocatesNothing(i -> typed.containsKey(names[i & (KEYS - 1)]));
      allocatesNothing(i -> typed.get("absent"));
      allocatesNothing(i -> typed.remove("absent"));
    }
  }
}
