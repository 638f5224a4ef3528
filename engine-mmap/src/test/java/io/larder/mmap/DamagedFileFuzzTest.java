package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SlabLayout;
import io.larder.engine.Batch;
import io.larder.engine.EntryInfo;
import io.larder.engine.PartitionLayout;
import io.larder.engine.PutSpec;
import io.larder.engine.Store;
import io.larder.engine.StoreIterator;
import io.larder.engine.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files with wrong bits: each is refused clearly, or everything in it can be read, and written, in bounded time and
 * without an exception. With checksums every value read is one that was written for its key.
 *
 * <p>{@code -Dlarder.fuzz.rounds} tries more files than usual, {@code -Dlarder.test.seed} the same again, and {@code
 * -Dlarder.fuzz.round} one of them alone.
 */
class DamagedFileFuzzTest {
  private static final int ROUNDS = Integer.getInteger("larder.fuzz.rounds", 300);
  private static final int ONLY_ROUND = Integer.getInteger("larder.fuzz.round", -1);
  private static final int SECONDS_PER_FILE = 60;
  private static final int FLIPS_MAX = 64;
  private static final long RESIZING = 1L << 33;
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final long IDLE_MILLIS = 1L << 32;
  private static final long LATER_MILLIS = 1L << 43;

  @TempDir private Path folder;

  private int refused;
  private int lost;
  private long found;
  private long missed;
  private long older;

  /** What a file holds: for each key all values that it ever had, the last one behind. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Content(byte[] file, Map<ByteBuffer, List<byte[]>> values, StoreOptions options) {}

  @Test
  void aFileWithWrongBitsGivesItsValuesOrMisses() throws IOException, InterruptedException {
    Long given = Long.getLong("larder.test.seed");
    long seed = given != null ? given : new SplittableRandom().nextLong();
    System.out.println("DamagedFileFuzzTest -Dlarder.test.seed=" + seed);
    List<Content> contents = new ArrayList<>();
    for (int variant = 0; variant < 8; variant++) {
      contents.add(content(variant, new SplittableRandom(seed + variant)));
    }
    for (int round = ONLY_ROUND < 0 ? 0 : ONLY_ROUND; round < (ONLY_ROUND < 0 ? ROUNDS : ONLY_ROUND + 1); round++) {
      SplittableRandom random = new SplittableRandom(seed ^ (round + 1) * 0x9E3779B97F4A7C15L);
      Content content = contents.get(round % contents.size());
      byte[] bytes = content.file.clone();
      String flips = flip(bytes, content, random);
      Path file = folder.resolve("damaged-" + round);
      Files.write(file, bytes);
      watched("seed " + seed + ", round " + round + ", " + flips, () -> tryOut(file, content, random));
      Files.deleteIfExists(file);
    }
    System.out.println(
        "refused " + refused + ", given up " + lost + ", found " + found + ", missed " + missed + ", older " + older);
    if (ONLY_ROUND < 0) {
      assertThat(refused).isPositive();
      assertThat(found).isGreaterThan(missed);
    }
  }

  // ---- making files

  private Content content(int variant, SplittableRandom random) throws IOException {
    long bytes = (1L << 20) * (1 + variant % 4);
    boolean checksums = variant % 2 == 0;
    StoreOptions options =
        StoreOptions.ofMemory(bytes).withPartitions(1 << variant % 3).withVerifyReads(checksums);
    Path file = folder.resolve("valid-" + variant);
    Map<ByteBuffer, List<byte[]>> values = new HashMap<>();
    try (SharedRegion region = SharedRegion.open(file, bytes, options, WAIT)) {
      Store store = region.store();
      int number = 0;
      // On to the middle of a resizing, or until there is no more room.
      while (number < 500 || (number < 50_000 && !isResizing(store) && store.stats().freeBytes() > bytes / 8)) {
        write(store, values, number++, random);
      }
      for (int i = 0; i < 20; i++) {
        byte[] key = key(number + i);
        store.lease(store.hash(key, 0, key.length), key, 0, key.length, LATER_MILLIS);
      }
    }
    return new Content(Files.readAllBytes(file), values, options);
  }

  private static boolean isResizing(Store store) {
    for (int partition = 0; partition < store.geometry().partitionCount(); partition++) {
      long record = store.geometry().partitionOffset(partition);
      if ((store.memory().getLong(record + PartitionLayout.SHAPE_OFFSET) & RESIZING) != 0) {
        return true;
      }
    }
    return false;
  }

  private static void write(Store store, Map<ByteBuffer, List<byte[]>> values, int number, SplittableRandom random) {
    int writes = number % 7 == 0 ? 3 : 1;
    for (int i = 0; i < writes; i++) {
      byte[] key = key(number);
      byte[] value = value(number, random);
      PutSpec spec = new PutSpec().cost(number % 3);
      if (number % 5 == 0) {
        spec.expiryMillis(LATER_MILLIS + number);
      }
      if (number % 4 == 0) {
        spec.timeToIdle(IDLE_MILLIS, System.currentTimeMillis());
      }
      if (store.put(store.hash(key, 0, key.length), key, 0, key.length, value, 0, value.length, spec) > 0) {
        values.computeIfAbsent(ByteBuffer.wrap(key), any -> new ArrayList<>()).add(value);
      }
    }
    if (number % 31 == 0) {
      byte[] key = key(random.nextInt(number + 1));
      store.remove(store.hash(key, 0, key.length), key, 0, key.length, 0);
    }
  }

  private static byte[] key(int number) {
    byte[] key = new byte[4 + number % 40];
    ByteBuffer.wrap(key).putInt(number);
    return key;
  }

  private static byte[] bytes(ByteBuffer key) {
    byte[] bytes = new byte[key.remaining()];
    key.get(key.position(), bytes);
    return bytes;
  }

  private static byte[] value(int number, SplittableRandom random) {
    int bytes = number % 83 == 0 ? 40_000 : number % 29 == 0 ? 5_000 : random.nextInt(number % 3 == 0 ? 400 : 60);
    byte[] value = new byte[bytes];
    random.nextBytes(value);
    return value;
  }

  // ---- damage

  private static String flip(byte[] file, Content content, SplittableRandom random) {
    int partitions = content.options.partitions();
    RegionGeometry geometry = RegionGeometry.of(file.length, partitions, PartitionLayout.BYTES);
    int flips = 1 + random.nextInt(1 + random.nextInt(FLIPS_MAX));
    // Most files are hit in one place alone, or hardly any would get beyond the superblock.
    int place = random.nextInt(10);
    StringBuilder said = new StringBuilder();
    for (int i = 0; i < flips; i++) {
      long at = offset(file, geometry, place, random);
      int bit = random.nextInt(Byte.SIZE);
      file[(int) at] ^= (byte) (1 << bit);
      said.append(' ').append(at).append('.').append(bit);
    }
    return "place " + place + ", bits" + said;
  }

  private static long offset(byte[] file, RegionGeometry geometry, int place, SplittableRandom random) {
    int partition = random.nextInt(geometry.partitionCount());
    long record = geometry.partitionOffset(partition);
    return switch (place) {
      case 0 -> random.nextInt(RegionGeometry.PAGE_BYTES);
      case 1 -> random.nextLong(FileLayout.ATTACHMENTS_OFFSET, RegionGeometry.PAGE_BYTES);
      case 2 -> record + random.nextInt(geometry.partitionBytes());
      case 3 -> record + random.nextInt(320);
      case 4 -> random.nextLong(geometry.directoryOffset(0, 0), geometry.directoryOffset(geometry.partitionCount(), 0));
      case 5 -> random.nextLong(geometry.descriptorOffset(0), geometry.directoryOffset(0, 0));
      case 6 -> inSlab(file, geometry, SlabLayout.TABLE, random);
      case 7, 8 -> inSlab(file, geometry, SlabLayout.BLOCKS, random);
      default -> random.nextLong(RegionGeometry.PAGE_BYTES, file.length);
    };
  }

  /** Somewhere in a slab of a state, and there rather at the start of a line than behind it. */
  private static long inSlab(byte[] file, RegionGeometry geometry, int state, SplittableRandom random) {
    int slab = random.nextInt(geometry.slabCount());
    while (file[(int) (geometry.descriptorOffset(slab) + SlabLayout.STATE_OFFSET)] != state) {
      slab = (slab + 1) % geometry.slabCount();
    }
    return geometry.slabOffset(slab) + random.nextInt(geometry.slabBytes());
  }

  // ---- the watch

  /** What is done with one file. */
  @FunctionalInterface
  private interface Trial {
    void run() throws IOException;
  }

  private static void watched(String what, Trial trial) throws InterruptedException {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  try {
                    trial.run();
                  } catch (Throwable thrown) {
                    failure.set(thrown);
                  }
                });
    if (!thread.join(Duration.ofSeconds(SECONDS_PER_FILE))) {
      AssertionError hang = new AssertionError("no end after " + SECONDS_PER_FILE + " s: " + what);
      hang.setStackTrace(thread.getStackTrace());
      throw hang;
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new AssertionError(what, thrown);
    }
  }

  // ---- use

  private void tryOut(Path file, Content content, SplittableRandom random) throws IOException {
    SharedRegion region;
    try {
      region = SharedRegion.open(file, 0, content.options, WAIT);
    } catch (RegionFileException refusal) {
      assertThat(refusal).hasMessageContaining(file.getFileName().toString());
      refused++;
      return;
    }
    try (region) {
      Store store = region.store();
      readAll(store, content);
      if (content.options.verifyReads()) {
        overwriteAll(store, content, random);
      } else {
        scribble(store, content, random);
      }
      store.stats();
      region.look();
      lost += store.isLost() ? 1 : 0;
    }
  }

  private void readAll(Store store, Content content) {
    byte[] target = new byte[64_000];
    EntryInfo info = new EntryInfo();
    Batch batch = new Batch(16, 1_000);
    store.stats();
    store.estimatedSize();
    for (Map.Entry<ByteBuffer, List<byte[]>> entry : content.values.entrySet()) {
      byte[] key = bytes(entry.getKey());
      long hash = store.hash(key, 0, key.length);
      int length = store.get(hash, key, 0, key.length, target, 0, target.length);
      if (length >= 0 && length <= target.length) {
        check(content, key, Arrays.copyOf(target, length));
        found++;
      } else {
        missed++;
      }
      byte[] copy = store.getBytes(hash, key, 0, key.length, info);
      if (copy != null) {
        check(content, key, copy);
      }
      store.find(hash, key, 0, key.length, info);
      batch.add(key);
      if (batch.count() == 16) {
        checkBatch(store, batch);
      }
    }
    store.maintain(store.geometry().slabCount());
    walk(store, content);
  }

  private static void checkBatch(Store store, Batch batch) {
    store.getAll(batch);
    for (int i = 0; i < batch.count(); i++) {
      int length = batch.length(i);
      assertThat(length).isGreaterThanOrEqualTo(Store.ABSENT);
      if (length > batch.valueBytesMax()) {
        continue;
      }
      if (length >= 0) {
        assertThat(batch.offset(i) + length).isLessThanOrEqualTo(batch.values().length);
      }
    }
    batch.clear();
  }

  private void walk(Store store, Content content) {
    StoreIterator iterator = store.iterator();
    while (iterator.next()) {
      byte[] key = new byte[iterator.keyLength()];
      iterator.copyKey(key, 0);
      byte[] value = new byte[iterator.valueLength()];
      iterator.copyValue(value, 0);
      check(content, key, value);
    }
  }

  /** With checksums, that a value is one of its key's. */
  private void check(Content content, byte[] key, byte[] value) {
    assertThat(value.length).isLessThanOrEqualTo(content.file.length);
    if (content.options.verifyReads()) {
      List<byte[]> values = content.values.getOrDefault(ByteBuffer.wrap(key), List.of());
      assertThat(values).as("values of key %s", Arrays.toString(key)).anyMatch(one -> Arrays.equals(one, value));
      older += Arrays.equals(values.getLast(), value) ? 0 : 1;
    }
  }

  /** Each key gets another value, some are removed: afterwards there is nothing but that. */
  private static void overwriteAll(Store store, Content content, SplittableRandom random) {
    EntryInfo info = new EntryInfo();
    int number = 0;
    for (ByteBuffer wrapped : content.values.keySet()) {
      byte[] key = bytes(wrapped);
      long hash = store.hash(key, 0, key.length);
      byte[] value = value(number++, random);
      long version = store.put(hash, key, 0, key.length, value, 0, value.length, new PutSpec());
      if (version > 0) {
        byte[] present = store.getBytes(hash, key, 0, key.length, info);
        assertThat(present == null || Arrays.equals(present, value)).as("overwritten").isTrue();
      }
      if (number % 3 == 0) {
        store.remove(hash, key, 0, key.length, 0);
        assertThat(store.getBytes(hash, key, 0, key.length, info)).as("removed").isNull();
      }
      if (number % 200 == 0) {
        store.maintain(8);
      }
    }
    store.clear();
    for (ByteBuffer wrapped : content.values.keySet()) {
      byte[] key = bytes(wrapped);
      assertThat(store.getBytes(store.hash(key, 0, key.length), key, 0, key.length, info)).as("cleared").isNull();
    }
    scribble(store, content, random);
  }

  /** Does all that can be done. */
  private static void scribble(Store store, Content content, SplittableRandom random) {
    EntryInfo info = new EntryInfo();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_PER_FILE / 2);
    List<ByteBuffer> keys = new ArrayList<>(content.values.keySet());
    for (int i = 0; i < 2_000 && System.nanoTime() < deadline; i++) {
      byte[] key = bytes(keys.get(random.nextInt(keys.size())));
      long hash = store.hash(key, 0, key.length);
      byte[] value = value(random.nextInt(1_000), random);
      switch (random.nextInt(12)) {
        case 0 -> store.remove(hash, key, 0, key.length, 0);
        case 1 -> store.lease(hash, key, 0, key.length, LATER_MILLIS);
        case 2 -> store.maintain(16);
        case 3 -> store.getBytes(hash, key, 0, key.length, info);
        case 4 -> store.put(hash, key, 0, key.length, value, 0, value.length, new PutSpec().ifAbsent());
        default -> store.put(hash, key, 0, key.length, value, 0, value.length, new PutSpec());
      }
    }
    StoreIterator iterator = store.iterator();
    while (iterator.next()) {
      iterator.copyValue(new byte[iterator.valueLength()], 0);
    }
    store.clear();
  }
}
