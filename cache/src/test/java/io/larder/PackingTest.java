package io.larder;

import static io.larder.Caches.bytes;
import static io.larder.Caches.contents;
import static io.larder.Caches.text;
import static io.larder.Caches.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.larder.engine.EntryInfo;
import io.larder.engine.PutSpec;
import io.larder.engine.Store;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Values that are compressed in the memory, {@link Compression#inMemory}, beside values that are not. */
class PackingTest {
  private static final Compression IN_MEMORY = Compression.lz4().inMemory();
  private static final byte[] KEY = bytes("key");

  /** Takes no task: removals wait, in their order, until cleanUp tells them in the calling thread. */
  private static final Executor LEFT_TO_CLEAN_UP = task -> {};

  private static final byte CANARY = 77;

  /** Shorter than what is compressed, a common length, and longer than what stays allocated. */
  private static final int[] LENGTHS = {0, 1, 511, 512, 1_025, 4_000, 100_000, 300_000};

  /**
   * A way to read a value.
   *
   * @param walks whether it finds the value by walking over all entries, and not by its key, which counts as a read
   */
  record Way(String name, boolean walks, Reading reading) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Reads the value of {@link #KEY}; null when it is not there. */
  @FunctionalInterface
  interface Reading {
    byte @Nullable [] read(Cache<byte[], byte[]> cache, int length);
  }

  private static final int ROOM = 400_000;

  private static byte @Nullable [] first(int length, byte[] of) {
    return length < 0 ? null : Arrays.copyOf(of, length);
  }

  private static byte @Nullable [] remaining(int length, ByteBuffer buffer) {
    byte[] read = new byte[buffer.flip().remaining()];
    buffer.get(read);
    return length < 0 ? null : read;
  }

  static final List<Way> ways =
      List.of(
          new Way("get", false, (cache, length) -> cache.get(KEY)),
          new Way("getVersioned", false, (cache, length) -> {
            VersionedValue<byte[]> versioned = cache.getVersioned(KEY);
            return versioned == null ? null : versioned.value();
          }),
          new Way("get with a loader", false, (cache, length) -> cache.get(KEY, key -> null)),
          new Way("getAsync", false, (cache, length) -> cache.getAsync(KEY).join()),
          new Way("getAll", false, (cache, length) ->
              cache.getAll(List.of(KEY)).values().stream().findAny().orElse(null)),
          new Way("iterator", true, (cache, length) ->
              cache.iterator().hasNext() ? cache.iterator().next().value() : null),
          new Way("asMap", true, (cache, length) ->
              cache.asMap().values().stream().findAny().orElse(null)),
          new Way("computeIfPresent", false, (cache, length) -> cache.computeIfPresent(KEY, (key, value) -> value)),
          new Way("bytes", false, (cache, length) -> cache.bytes().get(KEY)),
          new Way("array", false, (cache, length) -> {
            byte[] target = new byte[ROOM];
            return first(cache.bytes().get(KEY, target), target);
          }),
          new Way("array of that length", false, (cache, length) -> {
            byte[] target = new byte[length + 2];
            Arrays.fill(target, CANARY);
            int read = cache.bytes().get(KEY, 0, KEY.length, target, 1);
            assertThat(target[0]).isEqualTo(CANARY);
            return read < 0 ? null : Arrays.copyOfRange(target, 1, 1 + read);
          }),
          new Way("segment", false, (cache, length) -> {
            try (Arena arena = Arena.ofConfined()) {
              MemorySegment target = arena.allocate(ROOM);
              int read = cache.bytes().get(KEY, target);
              return read < 0 ? null : target.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE);
            }
          }),
          new Way("segments", false, (cache, length) -> {
            try (Arena arena = Arena.ofConfined()) {
              MemorySegment target = arena.allocate(Math.max(length, 1));
              MemorySegment key = arena.allocateFrom(ValueLayout.JAVA_BYTE, KEY);
              int read = cache.bytes().get(key, target);
              return read < 0 ? null : target.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE);
            }
          }),
          new Way("buffer", false, (cache, length) -> {
            ByteBuffer target = ByteBuffer.allocate(ROOM);
            return remaining(cache.bytes().get(KEY, target), target);
          }),
          new Way("direct buffers", false, (cache, length) -> {
            ByteBuffer target = ByteBuffer.allocateDirect(length);
            ByteBuffer key = ByteBuffer.allocateDirect(KEY.length).put(KEY).flip();
            return remaining(cache.bytes().get(key, target), target);
          }),
          new Way("view", false, (cache, length) -> cache.bytes().read(KEY, ValueView::toArray)),
          new Way("batch", false, (cache, length) -> {
            Batch batch = new Batch(2, ROOM).add(bytes("absent")).add(KEY);
            cache.bytes().getAll(batch);
            assertThat(batch.length(0)).isEqualTo(ByteCache.ABSENT);
            return batch.length(1) < 0
                ? null
                : Arrays.copyOfRange(batch.values(), batch.offset(1), batch.offset(1) + batch.length(1));
          }));

  @TempDir private Path folder;
  private final Random random = new Random(TestSeed.random("PackingTest").nextLong());
  private @Nullable Core core;
  private @Nullable Cache<byte[], byte[]> cache;

  private Cache<byte[], byte[]> open(CacheBuilder<byte[], byte[]> builder) {
    Core opened = Core.open(builder.settings(), null);
    core = opened;
    TypedCache<byte[], byte[]> made = new TypedCache<>(opened, Codec.bytes(), Codec.bytes());
    cache = made;
    return made;
  }

  private Cache<byte[], byte[]> open() {
    return open(Caches.arrays().compress(IN_MEMORY));
  }

  @AfterEach
  void close() {
    if (cache != null) {
      cache.close();
    }
  }

  private Store store() {
    return there(core).store();
  }

  private int flags(byte[] key) {
    EntryInfo info = new EntryInfo();
    Store store = store();
    return store.find(store.hash(key, 0, key.length), key, 0, key.length, info) ? info.userFlags() : -1;
  }

  private byte[] textOf(int length) {
    return Lz4Values.text(random, length);
  }

  /** Puts bytes as if they were the stored form of a value. */
  private void putPacked(byte[] packed) {
    Store store = store();
    PutSpec spec = new PutSpec().userFlags(Packing.PACKED);
    long hash = store.hash(KEY, 0, KEY.length);
    assertThat(store.put(hash, KEY, 0, KEY.length, packed, 0, packed.length, spec)).isPositive();
  }

  // ---- reads

  @ParameterizedTest
  @FieldSource("ways")
  void givesWhatWasPut(Way way) {
    Cache<byte[], byte[]> opened = open();
    for (int length : LENGTHS) {
      byte[] text = textOf(length);
      opened.put(KEY, text);
      assertThat(way.reading.read(opened, length)).as("text of %d bytes", length).isEqualTo(text);
      byte[] noise = Lz4Values.noise(random, length);
      opened.put(KEY, noise);
      assertThat(way.reading.read(opened, length)).as("noise of %d bytes", length).isEqualTo(noise);
      opened.remove(KEY);
      assertThat(way.reading.read(opened, length)).as("nothing").isNull();
    }
    assertThat(opened.stats().corruptions()).isZero();
  }

  @ParameterizedTest
  @FieldSource("ways")
  void givesWhatWasPutAndIsInTheFile(Way way) {
    Cache<byte[], byte[]> opened =
        open(
            Caches.arrays()
                .maximumEntries(1)
                .file(folder.resolve("below.larder"), "16MiB")
                .compress(IN_MEMORY));
    for (int length : LENGTHS) {
      byte[] text = textOf(length);
      opened.put(KEY, text);
      for (int round = 0; round < 3 && !way.walks; round++) {
        opened.put(bytes("another"), Lz4Values.noise(random, 10));
        opened.cleanUp();
        assertThat(way.reading.read(opened, length)).as("text of %d bytes", length).isIn(text, null);
      }
      opened.put(KEY, text);
      opened.remove(bytes("another"));
      assertThat(way.reading.read(opened, length)).as("text of %d bytes", length).isEqualTo(text);
    }
    assertThat(opened.stats().corruptions()).isZero();
    assertThat(there(opened.stats().tier()).damaged()).isZero();
  }

  /** An absurd length, a length that the block does not have, a block that is none, and one that is cut. */
  private List<byte[]> damagedValues() {
    byte[] text = textOf(2_000);
    byte[] target = new byte[Lz4.compressedBytesMax(text.length)];
    int length = Lz4.compress(text, 0, text.length, target);
    byte[] whole = Arrays.copyOf(target, length);
    List<byte[]> values = new ArrayList<>(List.of(new byte[0], new byte[3], Arrays.copyOf(whole, length - 1)));
    for (int raw : new int[] {-1, Integer.MAX_VALUE, Packing.VALUE_BYTES_MAX + 1, 1_999, 2_001}) {
      byte[] wrong = whole.clone();
      ByteBuffer.wrap(wrong).order(ByteOrder.LITTLE_ENDIAN).putInt(raw);
      values.add(wrong);
    }
    byte[] noise = Lz4Values.noise(random, 600);
    ByteBuffer.wrap(noise).order(ByteOrder.LITTLE_ENDIAN).putInt(5_000);
    values.add(noise);
    return values;
  }

  @ParameterizedTest
  @FieldSource("ways")
  void aDamagedValueIsAMiss(Way way) {
    Cache<byte[], byte[]> opened = open();
    int met = 0;
    for (byte[] damaged : damagedValues()) {
      putPacked(damaged);
      assertThat(way.reading.read(opened, ROOM)).as("damage %d", met).isNull();
      assertThat(opened.stats().corruptions()).isEqualTo(++met);
      assertThat(opened.containsKey(KEY)).isFalse();
      assertThat(opened.explain(KEY).fate()).isEqualTo(Explanation.Fate.FAILED_CHECKSUM);
    }
    assertThat(opened.stats().hits()).isZero();
    byte[] text = textOf(2_000);
    opened.put(KEY, text);
    assertThat(way.reading.read(opened, text.length)).isEqualTo(text);
  }

  @Test
  void aDamagedValueIsReadFromTheFileIfThatHasItStill() {
    Cache<byte[], byte[]> opened =
        open(Caches.arrays().file(folder.resolve("below.larder"), "16MiB").compress(IN_MEMORY));
    byte[] text = textOf(2_000);
    putBelow(text);
    putPacked(new byte[7]);
    long hits = opened.stats().hits();
    assertThat(opened.get(KEY)).isEqualTo(text);
    assertThat(opened.stats().corruptions()).isOne();
    assertThat(opened.stats().hits()).isEqualTo(hits + 1);
    putPacked(new byte[7]);
    assertThat(opened.bytes().read(KEY, ValueView::toArray)).isEqualTo(text);
    assertThat(opened.stats().corruptions()).isEqualTo(2);
    assertThat(opened.stats().misses()).isZero();
  }

  /** Puts a compressed value into the tier. */
  private void putBelow(byte[] value) {
    Tier below = there(there(core).tiers()).below();
    TierValue stored = new TierValue();
    assertThat(new Packing(IN_MEMORY, there(core).hitsAgain).pack(value, 0, value.length, stored)).isTrue();
    assertThat(below.put(KEY, 0, KEY.length, stored, () -> true)).isTrue();
  }

  @Test
  void saysTheLengthWhenThereIsTooLittleRoomAndCopiesNothing() {
    Cache<byte[], byte[]> opened = open();
    for (int length : LENGTHS) {
      if (length == 0) {
        continue;
      }
      opened.put(KEY, textOf(length));
      byte[] target = new byte[length - 1];
      Arrays.fill(target, CANARY);
      byte[] before = target.clone();
      assertThat(opened.bytes().get(KEY, target)).isEqualTo(length);
      assertThat(opened.bytes().get(KEY, MemorySegment.ofArray(target))).isEqualTo(length);
      assertThat(opened.bytes().get(KEY, ByteBuffer.wrap(target))).isEqualTo(length);
      assertThat(opened.bytes().get(KEY, ByteBuffer.allocateDirect(length - 1))).isEqualTo(length);
      Batch batch = new Batch(1, length - 1).add(KEY);
      opened.bytes().getAll(batch);
      assertThat(batch.length(0)).isEqualTo(length);
      assertThat(target).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @FieldSource("ways")
  void countsEachReadOnce(Way way) {
    Cache<byte[], byte[]> opened = open();
    for (int length : LENGTHS) {
      opened.put(KEY, textOf(length));
      long hits = opened.stats().hits();
      way.reading.read(opened, length);
      assertThat(opened.stats().hits() - hits).as("hits of %d bytes", length).isEqualTo(way.walks ? 0 : 1);
      opened.put(KEY, Lz4Values.noise(random, length));
      hits = opened.stats().hits();
      way.reading.read(opened, length);
      assertThat(opened.stats().hits() - hits).as("hits of %d bytes of noise", length).isEqualTo(way.walks ? 0 : 1);
    }
  }

  @Test
  void aViewIsOfThePlainValue() {
    ByteCache opened = open().bytes();
    byte[] text = textOf(5_000);
    long version = opened.put(KEY, text, Entry.plain().cost(9));
    ByteBuffer plain = ByteBuffer.wrap(text).order(ByteOrder.LITTLE_ENDIAN);
    Boolean same =
        opened.read(
            KEY,
            view -> {
              byte[] copy = new byte[100];
              view.copyTo(4_900, copy, 0, 100);
              assertThat(view.length()).isEqualTo(text.length);
              assertThat(view.version()).isEqualTo(version);
              assertThat(view.cost()).isEqualTo(9);
              assertThat(view.getByte(4_999)).isEqualTo(text[4_999]);
              assertThat(view.getInt(4_321)).isEqualTo(plain.getInt(4_321));
              assertThat(view.getLong(4_321)).isEqualTo(plain.getLong(4_321));
              assertThat(copy).isEqualTo(Arrays.copyOfRange(text, 4_900, 5_000));
              return view.equalTo(text);
            });
    assertThat(same).isTrue();
  }

  @Test
  void aReaderRunsAgainWhenAWriteCameInBetween() {
    ByteCache opened = open().bytes();
    byte[] first = textOf(3_000);
    byte[] second = textOf(4_000);
    opened.put(KEY, first);
    List<byte[]> seen = new ArrayList<>();
    opened.read(
        KEY,
        view -> {
          seen.add(view.toArray());
          if (seen.size() == 1) {
            opened.put(KEY, second);
          }
          return null;
        });
    assertThat(seen).containsExactly(first, second);
  }

  @Test
  void aReaderMayReadInside() {
    ByteCache opened = open().bytes();
    byte[] outer = textOf(3_000);
    byte[] inner = textOf(4_000);
    opened.put(KEY, outer);
    opened.put(bytes("inner"), inner);
    byte[] seen =
        opened.read(
            KEY,
            view -> {
              assertThat(opened.get(bytes("inner"))).isEqualTo(inner);
              assertThat(opened.read(bytes("inner"), ValueView::toArray)).isEqualTo(inner);
              return view.toArray();
            });
    assertThat(seen).isEqualTo(outer);
  }

  @Test
  void comparesPlainValues() {
    Cache<byte[], byte[]> opened = open();
    byte[] text = textOf(2_000);
    byte[] other = textOf(2_000);
    opened.put(KEY, text);
    assertThat(opened.replace(KEY, other, text)).isFalse();
    assertThat(opened.remove(KEY, other)).isFalse();
    assertThat(opened.replace(KEY, text, other)).isTrue();
    assertThat(opened.merge(KEY, text, (present, added) -> present)).isEqualTo(other);
    assertThat(opened.remove(KEY, other)).isTrue();
  }

  @Test
  void keepsLiveObjects() {
    try (Cache<String, String> live =
        Larder.builder(Codec.utf8(), new PaddedCodec())
            .memory("4MiB")
            .liveObjects(10)
            .compress(IN_MEMORY)
            .build()) {
      live.put("a", "1");
      live.get("a");
      String kept = live.get("a");
      assertThat(live.get("a")).isEqualTo("1").isSameAs(kept);
      assertThat(live.getAll(List.of("a")).get("a")).isSameAs(kept);
      assertThat(live.stats().liveHits()).isEqualTo(2);
      live.put("a", "2");
      assertThat(live.get("a")).isEqualTo("2");
    }
  }

  // ---- writes

  @Test
  void compressesWhateverThePutAndTheLength() {
    ByteCache opened = open().bytes();
    byte[] text = textOf(3_000);
    byte[] wide = new byte[3_020];
    System.arraycopy(text, 0, wide, 10, 3_000);
    MemorySegment segment = MemorySegment.ofArray(text);
    ByteBuffer direct = ByteBuffer.allocateDirect(3_000).put(text).flip();
    List<Runnable> puts =
        List.of(
            () -> opened.put(KEY, text),
            () -> opened.put(KEY, 0, KEY.length, wide, 10, 3_000, Entry.plain()),
            () -> opened.put(KEY, segment, Entry.plain()),
            () -> opened.put(MemorySegment.ofArray(KEY), segment, Entry.plain()),
            () -> opened.put(KEY, ByteBuffer.wrap(wide, 10, 3_000), Entry.plain()),
            () -> opened.put(KEY, direct, Entry.plain()),
            () -> opened.put(ByteBuffer.wrap(KEY), direct, Entry.plain()),
            () -> opened.putIfAbsent(KEY, text, Entry.plain()),
            () -> there(cache).get(KEY, key -> text),
            () -> there(cache).compute(KEY, (key, none) -> text));
    for (int i = 0; i < puts.size(); i++) {
      opened.remove(KEY);
      puts.get(i).run();
      assertThat(flags(KEY)).as("put %d", i).isEqualTo(Packing.PACKED);
      assertThat(opened.get(KEY)).as("put %d", i).isEqualTo(text);
    }
    assertThat(opened.stats().payloadBytes()).isLessThan(3_000);
    long version = opened.version(KEY);
    assertThat(opened.replaceIfVersion(KEY, version, wide, Entry.plain())).isPositive();
    assertThat(flags(KEY)).isEqualTo(Packing.PACKED);
    assertThat(opened.replace(KEY, new byte[511], Entry.plain())).isPositive();
    assertThat(flags(KEY)).as("what is short").isZero();
    opened.put(KEY, MemorySegment.ofArray(new byte[511]), Entry.plain());
    assertThat(flags(KEY)).as("what is short").isZero();
  }

  @Test
  void keepsWhatDoesNotBecomeSmaller() {
    ByteCache opened = open().bytes();
    byte[] noise = Lz4Values.noise(random, 10_000);
    opened.put(KEY, noise);
    assertThat(flags(KEY)).isZero();
    opened.put(KEY, MemorySegment.ofArray(noise), Entry.plain());
    assertThat(flags(KEY)).isZero();
    assertThat(opened.stats().payloadBytes()).isEqualTo(KEY.length + noise.length);
    assertThat(opened.get(KEY)).isEqualTo(noise);
  }

  @Test
  void aCacheWithoutItKeepsAllThatIsPutByTheSameThread() {
    open().put(KEY, textOf(5_000));
    assertThat(flags(KEY)).isEqualTo(Packing.PACKED);
    close();
    byte[] text = textOf(5_000);
    open(Caches.arrays()).put(KEY, text);
    assertThat(flags(KEY)).isZero();
    assertThat(there(cache).get(KEY)).isEqualTo(text);
  }

  @Test
  void takesAValueOverTheLimitThatBecomesSmallEnough() {
    ByteCache opened = open().bytes();
    int limit = opened.valueBytesMax();
    byte[] zeros = new byte[4 * limit];
    assertThat(opened.put(KEY, zeros)).isPositive();
    assertThat(opened.get(KEY)).isEqualTo(zeros);
    assertThat(opened.put(KEY, MemorySegment.ofArray(zeros), Entry.plain())).isPositive();
    byte[] noise = Lz4Values.noise(random, limit + 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> opened.put(KEY, noise))
        .withMessageContainingAll(String.valueOf(limit), String.valueOf(limit + 1));
    byte[] stillTooLong = Arrays.copyOf(noise, 2 * limit);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> opened.put(KEY, stillTooLong))
        .withMessageContaining(String.valueOf(2 * limit));
    assertThat(opened.get(KEY)).as("after the refusal").isEqualTo(zeros);
  }

  @Test
  void holdsMoreInTheSameMemory() {
    int plain = held(open(Caches.arrays()));
    close();
    assertThat(held(open())).isGreaterThan(4 * plain);
  }

  private int held(Cache<byte[], byte[]> filled) {
    byte[] value = new byte[4_000];
    for (int i = 0; i < 20_000; i++) {
      value[i % 1_000]++;
      filled.put(bytes("key:" + i), value);
    }
    return (int) filled.estimatedSize();
  }

  @Test
  void tellsTheListenerThePlainValues() {
    List<String> told = new ArrayList<>();
    try (Cache<String, String> listened =
        Larder.builder(Codec.utf8(), new PaddedCodec())
            .memory("1MiB")
            .maximumEntries(2)
            .removalListener((key, value, cause) -> told.add(key + value + cause))
            .executor(LEFT_TO_CLEAN_UP)
            .compress(IN_MEMORY)
            .build()) {
      listened.put("a", "1");
      listened.put("a", "2");
      listened.remove("a");
      listened.cleanUp();
      assertThat(told).containsExactly("a1REPLACED", "a2EXPLICIT");
      told.clear();
      listened.put("b", "3");
      listened.put("c", "4");
      listened.put("d", "5");
      listened.cleanUp();
      assertThat(told).hasSize(1).allMatch(text -> text.matches("b3EVICTED|c4EVICTED|d5EVICTED"));
      told.clear();
      listened.clear();
      listened.cleanUp();
      assertThat(told).hasSize(2).allMatch(text -> text.matches("b3EXPLICIT|c4EXPLICIT|d5EXPLICIT"));
      assertThat(listened.stats().decodeFailures()).isZero();
    }
  }

  // ---- with a second tier

  @Test
  void comesBackFromTheFileAsItIsThere() {
    Cache<byte[], byte[]> opened =
        open(Caches.arrays().file(folder.resolve("below.larder"), "16MiB").compress(IN_MEMORY));
    byte[] text = textOf(2_000);
    putBelow(text);
    assertThat(opened.getVersioned(KEY)).isNotNull();
    assertThat(flags(KEY)).isEqualTo(Tiers.CLEAN | Packing.PACKED);
    assertThat(opened.get(KEY)).isEqualTo(text);
    close();
    open(Caches.arrays().file(folder.resolve("below.larder"), "16MiB"));
    assertThat(there(there(cache).getVersioned(KEY)).value()).isEqualTo(text);
    assertThat(flags(KEY)).as("in a memory that does not compress").isEqualTo(Tiers.CLEAN);
  }

  @Test
  void goesDownAsItIs() {
    Path file = folder.resolve("below.larder");
    byte[] text = textOf(2_000);
    byte[] noise = Lz4Values.noise(random, 2_000);
    Cache<byte[], byte[]> opened = open(Caches.arrays().file(file, "16MiB").compress(IN_MEMORY).flushOnClose());
    opened.put(KEY, text);
    opened.put(bytes("noise"), noise);
    long payloadBytes = opened.stats().payloadBytes();
    there(core).flushToTier();
    TierStats tier = there(opened.stats().tier());
    assertThat(tier.demotions()).isEqualTo(2);
    assertThat(tier.writtenBytes()).as("as the memory has them").isEqualTo(payloadBytes);
    assertThat(tier.demotedBytes()).as("plain").isEqualTo(KEY.length + "noise".length() + 4_000);
    close();
    Cache<byte[], byte[]> again = open(Caches.arrays().file(file, "16MiB"));
    assertThat(again.get(KEY)).isEqualTo(text);
    assertThat(again.get(bytes("noise"))).isEqualTo(noise);
    assertThat(there(again.stats().tier()).hits()).isEqualTo(2);
  }

  @Test
  void doesNotWriteDamageToTheFile() {
    Cache<byte[], byte[]> opened =
        open(Caches.arrays().file(folder.resolve("below.larder"), "16MiB").compress(IN_MEMORY).flushOnClose());
    putPacked(new byte[3]);
    there(core).flushToTier();
    TierStats tier = there(opened.stats().tier());
    assertThat(tier.demotions()).isZero();
    assertThat(tier.damaged()).isOne();
  }

  /** Both tiers are seen, and evictions take entries down. */
  @Test
  void evictionsTakeWhatIsCompressedDown() {
    Cache<byte[], byte[]> opened =
        open(
            Larder.builder(Codec.bytes(), Codec.bytes())
                .memory("1MiB")
                .file(folder.resolve("below.larder"), "16MiB")
                .compress(IN_MEMORY));
    int keys = 10_000;
    for (int i = 0; i < keys; i++) {
      opened.put(bytes("key:" + i), Lz4Values.text(new Random(i), 1_000));
      if (i % 500 == 0) {
        opened.cleanUp();
      }
    }
    opened.cleanUp();
    int found = 0;
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < keys; i++) {
        byte[] value = opened.get(bytes("key:" + i));
        if (value != null) {
          assertThat(value).isEqualTo(Lz4Values.text(new Random(i), 1_000));
          found++;
        }
      }
    }
    TierStats tier = there(opened.stats().tier());
    assertThat(found).isGreaterThan(2 * keys * 9 / 10);
    assertThat(tier.demotions()).isGreaterThan(keys / 4);
    assertThat(tier.promotions()).isPositive();
    assertThat(tier.writeAmplification()).isLessThan(0.9);
    Map<byte[], byte[]> all = contents(opened);
    all.forEach(
        (key, value) -> {
          int number = Integer.parseInt(text(key, key.length).substring("key:".length()));
          assertThat(value).isEqualTo(Lz4Values.text(new Random(number), 1_000));
        });
    assertThat(all.size()).isGreaterThan(keys * 9 / 10);
  }

  // ---- in a shared file

  private CacheBuilder<byte[], byte[]> shared() {
    return Larder.builder(Codec.bytes(), Codec.bytes()).sharedFile(folder.resolve("shared.larder"), "4MiB");
  }

  private CacheBuilder<byte[], byte[]> reading() {
    return Larder.builder(Codec.bytes(), Codec.bytes()).sharedFileReadOnly(folder.resolve("shared.larder"));
  }

  @ParameterizedTest
  @FieldSource("ways")
  void allWhoShareAFileReadIt(Way way) {
    Cache<byte[], byte[]> opened = open(shared().compress(IN_MEMORY));
    try (Cache<byte[], byte[]> other = shared().build();
        Cache<byte[], byte[]> reader = reading().build()) {
      for (int length : LENGTHS) {
        byte[] text = textOf(length);
        opened.put(KEY, text);
        assertThat(flags(KEY)).isEqualTo(length < 512 ? 0 : Packing.PACKED);
        assertThat(way.reading.read(other, length)).as("%d bytes, by one that does not compress", length)
            .isEqualTo(text);
        other.put(KEY, text);
        assertThat(flags(KEY)).as("put by one that does not compress").isZero();
        assertThat(way.reading.read(opened, length)).as("%d bytes, by one that does", length).isEqualTo(text);
      }
      if (!way.name.equals("computeIfPresent")) {
        byte[] text = textOf(5_000);
        opened.put(KEY, text);
        assertThat(way.reading.read(reader, text.length)).as("by one that only reads").isEqualTo(text);
        putPacked(new byte[3]);
        assertThat(way.reading.read(reader, text.length)).as("damage, by one that only reads").isNull();
        assertThat(opened.stats().corruptions()).as("it cannot quarantine").isZero();
        assertThat(way.reading.read(other, text.length)).as("damage").isNull();
        assertThat(opened.stats().corruptions()).isOne();
      }
    }
  }

  @Test
  void aFileThatWasMadeWithoutItStaysSo() {
    Path file = folder.resolve("shared.larder");
    try (Cache<byte[], byte[]> plain = shared().build()) {
      plain.put(KEY, bytes("value"));
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> shared().compress(IN_MEMORY).name("late").build())
            .isInstanceOf(CacheException.class)
            .hasMessageContainingAll("late", file.toString(), "without compressed values", "delete it");
      }
    }
    assertThatThrownBy(() -> shared().compress(IN_MEMORY).build()).hasMessageContaining(file.toString());
    try (Cache<byte[], byte[]> again = shared().build()) {
      assertThat(again.get(KEY)).isEqualTo(bytes("value"));
    }
  }

  @Test
  void aListenerHearsOfWhatOthersHaveCompressed() {
    byte[] text = textOf(3_000);
    open(shared().compress(IN_MEMORY)).put(KEY, text);
    close();
    List<byte[]> told = new ArrayList<>();
    try (Cache<byte[], byte[]> listening =
        shared().removalListener((key, value, cause) -> told.add(value)).executor(LEFT_TO_CLEAN_UP).build()) {
      listening.put(KEY, bytes("new"));
      listening.remove(KEY);
      listening.cleanUp();
      assertThat(told).containsExactly(text, bytes("new"));
    }
  }

  // ---- the builder

  @Test
  void refusesToCompressWhatIsOnlyRead() {
    CacheBuilder<String, String> builder =
        Larder.builder(Codec.utf8(), Codec.utf8()).sharedFileReadOnly(folder.resolve("absent")).compress(IN_MEMORY);
    assertThatIllegalStateException().isThrownBy(builder::build).withMessageContainingAll("in memory", "absent");
  }

  @Test
  void saysWhatItWasBuiltWith() {
    assertThat(Caches.strings().compress(IN_MEMORY).settings().toString())
        .contains("compress=Compression[lz4, above=512 bytes, in memory]");
  }
}
