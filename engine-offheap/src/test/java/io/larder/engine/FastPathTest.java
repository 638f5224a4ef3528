package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.PartitionSlabsLayout;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabLayout;
import io.larder.allocator.SlabPool;
import io.larder.allocator.Spares;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a get or an overwrite goes the short way, and when it does not; and in which order the overwrite stores. */
class FastPathTest {
  private static final long MEMORY_BYTES = 1 << 20;
  private static final int VALUE_BYTES = 98;
  private static final int LARGE_BYTES = 20_000;
  private static final byte[] KEY = key(1);

  private static byte[] key(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  private static byte[] value(int length, int fill) {
    byte[] value = new byte[length];
    Arrays.fill(value, (byte) fill);
    return value;
  }

  private static long hash(Store store, byte[] key) {
    return store.hash(key, 0, key.length);
  }

  private static StoreOptions options() {
    return StoreOptions.ofMemory(MEMORY_BYTES).withPartitions(1).withHashSeed(99);
  }

  /** What was stored, by its meaning. */
  enum Kind {
    LOCK, BITMAP, EXPIRY, DESCRIPTOR, SPARE_CLEARED, SPARE_SET, VERSION, COUNTER, STAMP, SLOT, ENTRY
  }

  /** A store of one partition that shows what it stores, and a second look at its region. */
  static final class World {
    final WatchedMemory memory = new WatchedMemory(MEMORY_BYTES);
    final TestClock clock = new TestClock();
    final Store store;
    final RegionGeometry geometry;
    final Entries entries;
    final SizeClasses classes;
    final Partition partition;
    final Spares spares;
    final Sweeper sweeper;
    final PutSpec spec = new PutSpec();
    final List<Kind> stored = new ArrayList<>();

    World(UnaryOperator<StoreOptions> change) {
      StoreOptions options = change.apply(options().withClock(clock));
      store = Store.open(memory, options);
      geometry = store.geometry();
      entries = new Entries(memory, geometry, options.hashSeed());
      classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
      partition = new Partition(
          memory, geometry, classes, new SlabPool(memory, geometry), entries, 0,
          StoreOptions.ofExisting(memory.bytes()));
      spares = Spares.of(memory, geometry, classes);
      sweeper = new Sweeper(memory, partition, entries, clock);
      memory.watch((mode, offset, length, value) -> stored.add(kind(offset, value)));
    }

    private Kind kind(long offset, long value) {
      if (offset >= geometry.slabsOffset()) {
        boolean table = partition.slabs.state(partition.slabs.slabOf(offset)) == SlabLayout.TABLE;
        boolean stamp = BucketLayout.bucketOf(offset) == offset;
        return table ? stamp ? Kind.STAMP : Kind.SLOT : Kind.ENTRY;
      }
      if (offset >= geometry.descriptorOffset(0)) {
        long field = (offset - geometry.descriptorOffset(0)) % SlabLayout.descriptorBytes(geometry.slabBytes());
        return field >= SlabLayout.BITMAP_OFFSET
            ? Kind.BITMAP
            : field == SlabLayout.EARLIEST_EXPIRY_OFFSET ? Kind.EXPIRY : Kind.DESCRIPTOR;
      }
      if (offset >= geometry.partitionSlabsOffset(0) + PartitionSlabsLayout.SPARE_OFFSET) {
        return value == 0 ? Kind.SPARE_CLEARED : Kind.SPARE_SET;
      }
      long field = offset - geometry.partitionOffset(0);
      return field == PartitionLayout.LOCK_OFFSET
          ? Kind.LOCK
          : field == PartitionLayout.VERSION_OFFSET ? Kind.VERSION : Kind.COUNTER;
    }

    long put(byte[] key, int length, int fill) {
      byte[] value = value(length, fill);
      stored.clear();
      return store.put(hash(store, key), key, 0, key.length, value, 0, length, spec);
    }

    void remove(byte[] key) {
      store.remove(hash(store, key), key, 0, key.length, 0);
    }

    byte[] get(byte[] key) {
      byte[] target = new byte[LARGE_BYTES];
      int length = store.get(hash(store, key), key, 0, key.length, target, 0, target.length);
      return length < 0 ? new byte[0] : Arrays.copyOf(target, length);
    }

    long entry(byte[] key) {
      return partition.index.entry(partition.index.find(hash(store, key), key, 0, key.length));
    }

    int sizeClass(byte[] key) {
      return partition.slabs.sizeClass(partition.slabs.slabOf(entry(key)));
    }

    /** Puts entries of the class of {@link #KEY} until there are two slabs of it, and lets it have a spare. */
    void fill() {
      put(KEY, VALUE_BYTES, 1);
      int sizeClass = sizeClass(KEY);
      int blocks = classes.blocksPerSlab(sizeClass);
      for (int number = 2; number < 2 * blocks - 5; number++) {
        put(key(number), VALUE_BYTES, 0);
      }
      put(KEY, VALUE_BYTES, 1);
      assertThat(spares.get(0, sizeClass)).isNotEqualTo(PartitionSlabs.NO_BLOCK);
    }
  }

  /**
   * A way to put over what is there.
   *
   * @param prepare what is there before, beside the entry that {@link World#fill} puts
   * @param length of the value that is put
   */
  record Overwrite(
      String name, UnaryOperator<StoreOptions> options, Consumer<World> prepare, Consumer<PutSpec> terms, int length) {
    Overwrite(String name, Consumer<World> prepare, Consumer<PutSpec> terms, int length) {
      this(name, UnaryOperator.identity(), prepare, terms, length);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static void putWith(World world, Consumer<PutSpec> terms) {
    for (int i = 0; i < 2; i++) {
      terms.accept(world.spec.reset());
      world.put(KEY, VALUE_BYTES, 1);
    }
    world.spec.reset();
  }

  static final List<Overwrite> usual =
      List.of(
          new Overwrite("same length", world -> {}, spec -> {}, VALUE_BYTES),
          new Overwrite("shorter", world -> {}, spec -> {}, VALUE_BYTES - 2),
          new Overwrite("longer", world -> {}, spec -> {}, VALUE_BYTES + 2),
          new Overwrite(
              "user's flags",
              world -> putWith(world, spec -> spec.userFlags(3)),
              spec -> spec.userFlags(3),
              VALUE_BYTES),
          new Overwrite("with a guard", world -> {}, spec -> spec.ifHolds(() -> true), VALUE_BYTES),
          new Overwrite(
              "verified", options -> options.withVerifyReads(true), world -> {}, spec -> {}, VALUE_BYTES),
          new Overwrite(
              "verified, with terms and flags",
              options -> options.withVerifyReads(true),
              world -> putWith(world, spec -> spec.cost(7).userFlags(2)),
              spec -> spec.cost(9).userFlags(2),
              VALUE_BYTES),
          new Overwrite("cost", world -> putWith(world, spec -> spec.cost(7)), spec -> spec.cost(9), VALUE_BYTES),
          new Overwrite(
              "expiry",
              world -> putWith(world, spec -> spec.expiryMillis(EntryLayout.EXPIRY_MILLIS_MAX)),
              spec -> spec.expiryMillis(EntryLayout.EXPIRY_MILLIS_MAX - 1),
              VALUE_BYTES),
          new Overwrite(
              "of another key's spare",
              world -> {
                world.put(key(2), VALUE_BYTES, 5);
                world.put(key(3), VALUE_BYTES, 5);
              },
              spec -> {},
              VALUE_BYTES));

  static final List<Overwrite> unusual =
      List.of(
          new Overwrite(
              "told",
              options -> options.withSink((cause, key, value, flags) -> {}),
              world -> {},
              spec -> {},
              VALUE_BYTES),
          new Overwrite("if present", world -> {}, PutSpec::ifPresent, VALUE_BYTES),
          new Overwrite("other flags", world -> {}, spec -> spec.userFlags(1), VALUE_BYTES),
          new Overwrite("terms where none were", world -> {}, spec -> spec.cost(1), VALUE_BYTES - 8),
          new Overwrite(
              "no terms where some were", world -> putWith(world, spec -> spec.cost(1)), spec -> {}, VALUE_BYTES + 8),
          new Overwrite(
              "with a time to idle", world -> {}, spec -> spec.timeToIdle(1_000, 1_700_000_000_000L), VALUE_BYTES - 8),
          new Overwrite(
              "of one with a time to idle",
              world -> putWith(world, spec -> spec.timeToIdle(1_000, world.clock.millis())),
              spec -> {},
              VALUE_BYTES + 8),
          new Overwrite(
              "expired",
              world -> {
                putWith(world, spec -> spec.expiryMillis(world.clock.millis() + 1));
                world.clock.advance(1);
              },
              spec -> spec.expiryMillis(EntryLayout.EXPIRY_MILLIS_MAX),
              VALUE_BYTES),
          new Overwrite("smaller class", world -> {}, spec -> {}, VALUE_BYTES / 2),
          new Overwrite("larger class", world -> {}, spec -> {}, 2 * VALUE_BYTES),
          new Overwrite(
              "larger class with a spare",
              world -> {
                world.put(key(2), 2 * VALUE_BYTES, 0);
                world.put(key(3), 2 * VALUE_BYTES, 0);
                world.put(key(2), 2 * VALUE_BYTES, 0);
              },
              spec -> {},
              2 * VALUE_BYTES),
          new Overwrite("to a chain", world -> {}, spec -> {}, LARGE_BYTES),
          new Overwrite(
              "no spare",
              world -> {
                world.partition.lock();
                world.partition.slabs.freeSpares();
                world.partition.unlock();
              },
              spec -> {},
              VALUE_BYTES),
          new Overwrite("from a chain", world -> world.put(KEY, LARGE_BYTES, 1), spec -> {}, VALUE_BYTES),
          new Overwrite(
              "lease",
              world -> {
                world.remove(KEY);
                assertThat(world.store.lease(hash(world.store, KEY), KEY, 0, KEY.length, 0)).isPositive();
              },
              spec -> {},
              0),
          new Overwrite("absent", world -> world.remove(KEY), spec -> {}, VALUE_BYTES),
          new Overwrite(
              "while growing",
              world -> {
                for (int number = 10_000; !world.partition.index.isResizing(); number++) {
                  world.put(key(number), 10, 0);
                }
              },
              spec -> {},
              VALUE_BYTES),
          new Overwrite(
              "in a slab that is drained",
              world -> world.partition.slabs.drain(world.partition.slabs.slabOf(world.entry(KEY))),
              spec -> {},
              VALUE_BYTES));

  private static World prepared(Overwrite overwrite) {
    World world = new World(overwrite.options);
    if (world.store.stats().entries() == 0) {
      boolean keeps = overwrite.options.apply(options()).sink() == null;
      if (keeps) {
        world.fill();
      } else {
        world.put(KEY, VALUE_BYTES, 1);
      }
    }
    overwrite.prepare.accept(world);
    overwrite.terms.accept(world.spec.reset());
    return world;
  }

  @ParameterizedTest
  @FieldSource("usual")
  void theUsualOverwriteTakesTheSpareAndLeavesItsBlock(Overwrite overwrite) {
    World world = prepared(overwrite);
    int sizeClass = world.sizeClass(KEY);
    for (int fill = 10; fill < 14; fill++) {
      long old = world.entry(KEY);
      long spare = world.spares.get(0, sizeClass);
      assertThat(spare).isNotEqualTo(PartitionSlabs.NO_BLOCK);
      long version = world.put(KEY, overwrite.length, fill);
      assertThat(version).isPositive();
      assertThat(world.entry(KEY)).isEqualTo(spare);
      assertThat(world.entries.version(spare)).isEqualTo(version);
      assertThat(world.spares.get(0, sizeClass)).isEqualTo(old);
      assertThat(world.stored).doesNotContain(Kind.BITMAP, Kind.DESCRIPTOR);
      assertThat(world.get(KEY)).isEqualTo(value(overwrite.length, fill));
      world.store.assertValid();
    }
  }

  /**
   * A kill at any moment leaves the old entry or the new one: it is complete, and the spare is no spare any more,
   * before the slot names it; and the old block is the spare only after that.
   */
  @ParameterizedTest
  @FieldSource("usual")
  void theUsualOverwriteStoresInTheOrderThatAKillAllows(Overwrite overwrite) {
    World world = prepared(overwrite);
    world.put(KEY, overwrite.length, 10);
    List<Kind> order = world.stored.stream().filter(kind -> kind != Kind.COUNTER && kind != Kind.EXPIRY).toList();
    assertThat(order.stream().distinct().toList())
        .containsExactly(
            Kind.LOCK, Kind.ENTRY, Kind.VERSION, Kind.SPARE_CLEARED, Kind.STAMP, Kind.SLOT, Kind.SPARE_SET);
    assertThat(order.lastIndexOf(Kind.ENTRY)).isLessThan(order.indexOf(Kind.SPARE_CLEARED));
    assertThat(order.lastIndexOf(Kind.VERSION)).isLessThan(order.indexOf(Kind.SPARE_CLEARED));
    assertThat(order.subList(order.indexOf(Kind.SPARE_CLEARED), order.size()))
        .containsExactly(Kind.SPARE_CLEARED, Kind.STAMP, Kind.SLOT, Kind.STAMP, Kind.SPARE_SET, Kind.LOCK);
    assertThat(world.stored.contains(Kind.EXPIRY)).isEqualTo(overwrite.name.equals("expiry"));
    assertThat(world.stored.indexOf(Kind.EXPIRY)).isLessThan(world.stored.indexOf(Kind.SPARE_CLEARED));
  }

  @ParameterizedTest
  @FieldSource("unusual")
  void anyOtherOverwriteGoesTheLongWay(Overwrite overwrite) {
    World world = prepared(overwrite);
    long expirations = world.store.stats().expirations();
    boolean expired = overwrite.name.equals("expired");
    assertThat(world.put(KEY, overwrite.length, 10)).isPositive();
    assertThat(world.stored).contains(Kind.BITMAP);
    assertThat(world.store.stats().expirations() - expirations).isEqualTo(expired ? 1 : 0);
    assertThat(world.get(KEY)).isEqualTo(value(overwrite.length, 10));
    int slab = world.partition.slabs.slabOf(world.spares.get(0, world.sizeClass(KEY)));
    assertThat(slab < 0 || world.partition.slabs.state(slab) != SlabLayout.DRAINING).isTrue();
    world.store.assertValid();
  }

  @Test
  void anOverwriteWhoseBytesCannotBeReadChangesNothing() {
    World world = new World(UnaryOperator.identity());
    world.fill();
    int sizeClass = world.sizeClass(KEY);
    long entry = world.entry(KEY);
    long version = world.entries.version(entry);
    long spare = world.spares.get(0, sizeClass);
    StoreStats before = world.store.stats();
    assertThatThrownBy(
            () -> world.store.put(
                hash(world.store, KEY), KEY, 0, KEY.length, new byte[VALUE_BYTES], 1, VALUE_BYTES, world.spec))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(world.entry(KEY)).isEqualTo(entry);
    assertThat(world.entries.version(entry)).isEqualTo(version);
    assertThat(world.spares.get(0, sizeClass)).isEqualTo(spare);
    assertThat(world.store.stats().puts()).isEqualTo(before.puts());
    assertThat(world.store.stats().payloadBytes()).isEqualTo(before.payloadBytes());
    assertThat(world.get(KEY)).isEqualTo(value(VALUE_BYTES, 1));
    world.store.assertValid();
    assertThat(world.put(KEY, VALUE_BYTES, 2)).isGreaterThan(version);
    assertThat(world.entry(KEY)).isEqualTo(spare);
  }

  /** Step by step a sweep empties the slabs, of which each in turn has the spare, while entries are overwritten. */
  @Test
  void aSpareIsInNoSlabThatIsDrained() {
    World world = new World(UnaryOperator.identity());
    world.fill();
    int sizeClass = world.sizeClass(KEY);
    int blocks = world.classes.blocksPerSlab(sizeClass);
    int spareWasDrained = 0;
    for (int round = 0; round < 40 * blocks; round++) {
      world.put(key(1 + round % (2 * blocks)), VALUE_BYTES, round);
      long spare = world.spares.get(0, sizeClass);
      world.partition.lock();
      assertThat(world.sweeper.step(3L * world.classes.blockBytes(sizeClass))).isTrue();
      world.partition.unlock();
      long left = world.spares.get(0, sizeClass);
      spareWasDrained += spare != left ? 1 : 0;
      if (left != PartitionSlabs.NO_BLOCK) {
        assertThat(world.partition.slabs.state(world.partition.slabs.slabOf(left))).isEqualTo(SlabLayout.BLOCKS);
      }
      world.store.assertValid();
    }
    assertThat(spareWasDrained).isPositive();
  }

  /** Two keys with the same tag in one bucket: what lies behind the first tag that fits is another's entry. */
  @Test
  void keysOfTheSameTagAreToldApart() {
    World world = new World(UnaryOperator.identity());
    world.fill();
    Addresses where = Addresses.of(world.geometry);
    long shape = world.memory.getLong(world.geometry.partitionOffset(0) + PartitionLayout.SHAPE_OFFSET);
    long hash = hash(world.store, KEY);
    long bucket = where.bucketAtRest(world.memory, 0, shape, hash);
    long number = 1L << 32;
    for (int found = 0; found < 3; number++) {
      byte[] twin = key(number);
      long twinHash = hash(world.store, twin);
      if (where.bucketAtRest(world.memory, 0, shape, twinHash) == bucket
          && BucketLayout.tag(twinHash) == BucketLayout.tag(hash)) {
        found++;
        world.put(twin, VALUE_BYTES, 50 + found);
        world.put(KEY, VALUE_BYTES, 60 + found);
        assertThat(world.get(twin)).isEqualTo(value(VALUE_BYTES, 50 + found));
        world.put(twin, VALUE_BYTES, 70 + found);
        assertThat(world.get(KEY)).isEqualTo(value(VALUE_BYTES, 60 + found));
        assertThat(world.get(twin)).isEqualTo(value(VALUE_BYTES, 70 + found));
      }
    }
    world.store.assertValid();
  }

  @Test
  void anOverwrittenEntryKeepsItsHits() {
    World world = new World(UnaryOperator.identity());
    world.fill();
    int before = PolicyBits.frequency(world.entries.policyBits(world.entry(KEY)));
    for (int hits = 1; hits <= PolicyBits.CLOCK_MAX; hits++) {
      world.get(KEY);
      world.put(KEY, VALUE_BYTES, hits);
      assertThat(world.stored).doesNotContain(Kind.BITMAP);
      assertThat(PolicyBits.frequency(world.entries.policyBits(world.entry(KEY)))).isEqualTo(before + 2 * hits);
    }
  }

  // ---- gets

  /** A store whose accesses are counted. */
  private static final class Counted {
    final CountingMemory memory = new CountingMemory(MEMORY_BYTES);
    final Store store;
    final PutSpec spec = new PutSpec();
    final byte[] target = new byte[LARGE_BYTES];
    final EntryInfo info = new EntryInfo();
    final StoreReader reader;

    Counted(boolean verify) {
      store = Store.open(memory, options().withVerifyReads(verify));
      reader =
          new StoreReader(
              memory,
              Addresses.of(store.geometry()),
              new Partition[0],
              new Entries(memory, store.geometry(), options().hashSeed()),
              new HitSampler(0),
              options().clock(),
              new ReadCounters(),
              verify,
              false,
              true,
              options().hashSeed());
    }

    void put(byte[] key, int length) {
      assertThat(store.put(hash(store, key), key, 0, key.length, new byte[length], 0, length, spec)).isPositive();
    }

    /** The accesses of a get. */
    long ofGet(byte[] key, int room) {
      memory.reset();
      store.get(hash(store, key), key, 0, key.length, target, 0, room);
      return memory.accesses();
    }

    /** The accesses of a get between whole arrays. */
    long ofWholeGet(byte[] key, int room) {
      byte[] whole = new byte[room];
      memory.reset();
      assertThat(store.get(key, whole)).isEqualTo(store.get(hash(store, key), key, 0, key.length, target, 0, room));
      assertThat(whole).isEqualTo(Arrays.copyOf(target, room));
      return memory.accesses();
    }

    /** The accesses of a get that tells about the entry. */
    long ofGetWithInfo(byte[] key, int room) {
      memory.reset();
      store.get(hash(store, key), key, 0, key.length, target, 0, room, info);
      return memory.accesses();
    }

    /** The accesses of a get that always goes the long way. */
    long ofLongGet(byte[] key, int room) {
      memory.reset();
      reader.read(hash(store, key), key, 0, key.length, target, null, 0, room, info);
      return memory.accesses();
    }

    /** A get that corrupts what it looks for before it looks. */
    int ofDamaged(byte[] key, int length) {
      Entries entries = new Entries(memory, store.geometry(), options().hashSeed());
      store.get(hash(store, key), key, 0, key.length, target, 0, length, info);
      long at = entries.key(info.entry) + key.length + length - 1;
      memory.setByteOpaque(at, memory.getByte(at) ^ 1);
      return store.get(hash(store, key), key, 0, key.length, target, 0, length, info);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theUsualGetGoesTheShortWay(boolean verify) {
    for (int length : new int[] {0, 8, VALUE_BYTES}) {
      Counted counted = new Counted(verify);
      counted.put(KEY, length);
      // Until no hit is noted any more.
      for (int hit = 0; hit <= PolicyBits.FREQUENCY_MAX; hit++) {
        counted.ofGet(KEY, length);
      }
      long accesses = counted.ofGet(KEY, length);
      assertThat(accesses).as("%d bytes", length).isLessThan(counted.ofLongGet(KEY, length));
      assertThat(counted.ofGetWithInfo(KEY, length)).isLessThan(counted.ofLongGet(KEY, length));
      assertThat(counted.ofGet(KEY, length + 5)).isEqualTo(accesses);
      assertThat(counted.ofWholeGet(KEY, length + 5)).isEqualTo(2 * accesses);
      Batch batch = new Batch(1, VALUE_BYTES).add(KEY);
      counted.memory.reset();
      counted.store.getAll(batch);
      assertThat(batch.length(0)).isEqualTo(length);
    }
  }

  /** HotSpot compiles no method into its callers that has more code, -XX:FreqInlineSize. */
  @Test
  void theUsualGetIsSmallEnoughToBeCompiledIntoItsCallers() throws IOException {
    try (InputStream in = StoreGate.class.getResourceAsStream("FastPath.class")) {
      ClassModel model = ClassFile.of().parse(in.readAllBytes());
      assertThat(codeBytes(model, "tryGet")).isBetween(200, 325);
      assertThat(codeBytes(model, "copyPlain")).isBetween(100, 325);
    }
  }

  private static int codeBytes(ClassModel model, String name) {
    return model.methods().stream()
        .filter(method -> method.methodName().equalsString(name))
        .mapToInt(method -> ((CodeAttribute) method.code().orElseThrow()).codeLength())
        .max()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bothWaysTellTheSameAboutAnEntry(boolean verify) {
    Counted counted = new Counted(verify);
    counted.spec.cost(7).userFlags(2).expiryMillis(EntryLayout.EXPIRY_MILLIS_MAX - 1);
    counted.put(KEY, VALUE_BYTES);
    for (int hit = 0; hit <= PolicyBits.FREQUENCY_MAX; hit++) {
      counted.ofLongGet(KEY, VALUE_BYTES);
    }
    EntryInfo told = counted.info;
    counted.ofLongGet(KEY, VALUE_BYTES);
    String byTheLongWay = text(told);
    told.copy(new EntryInfo());
    counted.ofGetWithInfo(KEY, VALUE_BYTES);
    assertThat(text(told)).isEqualTo(byTheLongWay);
    assertThat(told.isSteady()).isTrue();
    assertThat(told.cost()).isEqualTo(7);
  }

  /** A get for which there was too little room, and the one behind it, are one access. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void lookingAgainIsNoFurtherHit(boolean verify) {
    Counted counted = new Counted(verify);
    counted.put(KEY, VALUE_BYTES);
    Store store = counted.store;
    long hash = hash(store, KEY);
    for (int access = 0; access < 2; access++) {
      int length = store.get(hash, KEY, 0, KEY.length, counted.target, 0, VALUE_BYTES - 1, counted.info);
      assertThat(length).isEqualTo(VALUE_BYTES);
      assertThat(counted.info.wasHit()).isEqualTo(access > 0);
      length = store.getAgain(hash, KEY, 0, KEY.length, counted.target, 0, VALUE_BYTES, counted.info);
      assertThat(length).isEqualTo(VALUE_BYTES);
      assertThat(counted.info.wasHit()).isEqualTo(access > 0);
    }
    assertThat(store.stats().hits()).isEqualTo(2);
    assertThat(store.stats().misses()).isZero();
    store.get(hash, KEY, 0, KEY.length, counted.target, 0, VALUE_BYTES - 1, counted.info);
    store.remove(hash, KEY, 0, KEY.length, 0);
    assertThat(store.getAgain(hash, KEY, 0, KEY.length, counted.target, 0, VALUE_BYTES, counted.info))
        .isEqualTo(Store.ABSENT);
    assertThat(store.stats().misses()).isEqualTo(1);
  }

  private static String text(EntryInfo info) {
    return Arrays.toString(
        new long[] {
          info.version, info.terms, info.idleMillis, info.userFlags, info.valueLength, info.policyBits, info.flags,
          info.hash, info.entry, info.record, info.shape, info.oldHome, info.bucket, info.stamp
        });
  }

  @Test
  void theShortWayFindsNothingDamaged() {
    Counted verified = new Counted(true);
    verified.put(KEY, VALUE_BYTES);
    assertThat(verified.ofDamaged(KEY, VALUE_BYTES)).isEqualTo(Store.ABSENT);
    assertThat(verified.store.stats().corruptions()).isEqualTo(1);
    Counted trusting = new Counted(false);
    trusting.put(KEY, VALUE_BYTES);
    assertThat(trusting.ofDamaged(KEY, VALUE_BYTES)).isEqualTo(VALUE_BYTES);
  }

  @Test
  void anOverwriteWhoseGuardSaysNoChangesNothing() {
    World world = new World(UnaryOperator.identity());
    world.fill();
    world.spec.ifHolds(() -> false);
    assertThat(world.put(KEY, VALUE_BYTES, 2)).isEqualTo(Store.MISMATCH);
    assertThat(world.stored).containsOnly(Kind.LOCK);
    assertThat(world.get(KEY)).isEqualTo(value(VALUE_BYTES, 1));
    world.store.assertValid();
  }

  @Test
  void anyOtherGetGoesTheLongWay() {
    Counted counted = new Counted(false);
    counted.put(KEY, VALUE_BYTES);
    byte[] chained = key(2);
    counted.put(chained, LARGE_BYTES);
    for (int hit = 0; hit <= PolicyBits.FREQUENCY_MAX; hit++) {
      counted.ofLongGet(KEY, LARGE_BYTES);
      counted.ofLongGet(chained, LARGE_BYTES);
    }
    assertThat(counted.ofGet(KEY, VALUE_BYTES - 1)).isGreaterThan(counted.ofLongGet(KEY, VALUE_BYTES - 1));
    assertThat(counted.ofGet(chained, LARGE_BYTES)).isGreaterThan(counted.ofLongGet(chained, LARGE_BYTES));
    assertThat(counted.ofGet(key(3), 0)).isGreaterThan(counted.ofLongGet(key(3), 0));
    assertThat(counted.ofWholeGet(KEY, VALUE_BYTES - 1)).isEqualTo(2 * counted.ofGet(KEY, VALUE_BYTES - 1));
    assertThat(counted.ofWholeGet(chained, LARGE_BYTES)).isEqualTo(2 * counted.ofGet(chained, LARGE_BYTES));
  }
}
