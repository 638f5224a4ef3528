package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SegmentMemory;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabPool;
import io.larder.allocator.Spares;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A store beside a map that knows what it should hold. Each operation is done on both, and the outcome compared.
 *
 * <p>The map hears of evictions through the sink. Of leases it knows only that they may be there: nobody is told when
 * one is evicted. A store without a sink, whose overwrites go a shorter way, has to be so roomy that nothing is
 * evicted; what else goes the map tells itself, and entries are often overwritten by others that are alike.
 */
final class StoreModel implements RemovalSink, AutoCloseable {
  private static final int POOL_BYTES = 1 << 20;
  private static final int ROOM_BYTES = 1 << 10;
  private static final int MARGIN = 5;
  private static final int BATCH_KEYS = 40;

  private enum Operation {
    PUT, PUT_IF, GET, READ, BATCH, REMOVE, REMOVE_IF, LEASE, PUBLISH, FIND, MAINTAIN, TIME
  }

  /** How often each operation comes: a deck to draw from. */
  static final class Mix {
    static final List<Mix> ALL =
        List.of(
            new Mix(60, 10, 10, 3, 1, 2, 2, 2, 2, 2, 1, 1),
            new Mix(8, 4, 45, 15, 3, 2, 1, 2, 2, 8, 1, 1),
            new Mix(20, 15, 15, 5, 1, 8, 5, 6, 6, 4, 2, 2),
            new Mix(5, 3, 12, 4, 1, 50, 12, 2, 2, 2, 2, 4));

    /** The one that fills the store. */
    static final Mix FILL = ALL.getFirst();

    private final List<Operation> deck = new ArrayList<>();

    /** Takes so many cards of each operation, in their order. */
    private Mix(int... cards) {
      Operation[] operations = Operation.values();
      for (int i = 0; i < cards.length; i++) {
        deck.addAll(Collections.nCopies(cards[i], operations[i]));
      }
    }

    private Operation draw(SplittableRandom random) {
      return deck.get(random.nextInt(deck.size()));
    }
  }

  /**
   * What goes into a store.
   *
   * @param keys how many keys there are, about
   * @param largeEvery one value of so many is a large one
   */
  record Load(int keys, int keyBytesMin, int keyBytesMax, int valueBytesMax, int largeEvery, int largeBytesMax) {}

  /** An entry as it was put. */
  private static final class Known {
    final byte[] value;
    final long expiryMillis;
    final int idleSpan;
    final int cost;
    final int userFlags;
    int idleDeadline;
    long version;

    Known(byte[] value, PutSpec spec) {
      this.value = value;
      this.expiryMillis = spec.expiryMillis;
      this.idleSpan = spec.idleSpan;
      this.idleDeadline = spec.idleDeadline;
      this.cost = spec.cost;
      this.userFlags = spec.userFlags;
    }

    /** When it becomes idle; 0 for never. */
    long idleMillis(long now) {
      return idleSpan == 0 ? 0 : IdleTime.deadlineMillis(idleSpan, idleDeadline, now);
    }

    long expiryMillis(long now) {
      return IdleTime.earlier(expiryMillis, idleMillis(now));
    }

    void access(long now) {
      if (idleSpan != 0 && IdleTime.isDue(idleSpan, idleMillis(now), now)) {
        idleDeadline = IdleTime.deadline(idleSpan, now);
      }
    }
  }

  final Store store;
  private final boolean told;
  private final TestClock clock = new TestClock();
  private final SplittableRandom random;
  private final Load load;
  private final byte[] pool = new byte[POOL_BYTES];
  private final PutSpec spec = new PutSpec();
  private final EntryInfo info = new EntryInfo();
  private final Batch batch = new Batch(BATCH_KEYS, ROOM_BYTES);

  // A second look at the region.
  private final SizeClasses classes;
  private final Spares spares;
  private final Partition[] partitions;
  private long shortOverwrites;

  private final Map<ByteBuffer, Known> live = new HashMap<>();
  private final Map<ByteBuffer, Long> leases = new HashMap<>();
  private final Map<ByteBuffer, Long> lastVersions = new HashMap<>();
  private final Map<Cause, Long> removals = new EnumMap<>(Cause.class);
  private long evictedBytes;
  private long payloadBytes;
  private long puts;
  private long hits;
  private long misses;

  // The operation under way.
  private Operation operation = Operation.MAINTAIN;
  private boolean clearing;
  private ByteBuffer ownKey = ByteBuffer.allocate(0);
  private @Nullable Cause ownCause;
  private @Nullable Known pending;
  private boolean pendingGone;

  StoreModel(StoreOptions options, boolean told, Load load, SplittableRandom random) {
    this(SegmentMemory.allocate(options.memoryBytes()), options.withHashSeed(random.nextLong()), told, load, random);
  }

  /**
   * Makes an empty store and an empty map.
   *
   * @param told whether the store has a sink
   */
  StoreModel(Memory memory, StoreOptions options, boolean told, Load load, SplittableRandom random) {
    StoreOptions timed = options.withClock(clock);
    this.store = Store.open(memory, told ? timed.withSink(this) : timed);
    this.told = told;
    this.load = load;
    this.random = random;
    random.nextBytes(pool);
    RegionGeometry geometry = store.geometry();
    this.classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
    this.spares = Spares.of(memory, geometry, classes);
    this.partitions = new Partition[geometry.partitionCount()];
    Entries entries = new Entries(memory, geometry, options.hashSeed());
    for (int i = 0; i < partitions.length; i++) {
      partitions[i] = new Partition(
          memory, geometry, classes, new SlabPool(memory, geometry), entries, i,
          StoreOptions.ofExisting(memory.bytes()));
    }
  }

  // ---- what the map says

  private boolean isVisible(@Nullable Known known) {
    long expiry = known == null ? 1 : known.expiryMillis(clock.millis());
    return expiry == 0 || expiry > clock.millis();
  }

  /** Whether background work leaves an entry where it is, if no other of its slab has expired. */
  private boolean mayStay(Known known) {
    long now = clock.millis();
    boolean lives = known.expiryMillis == 0 || known.expiryMillis > now;
    return lives
        && (known.idleSpan == 0 || IdleTime.reclaimMillis(known.idleSpan, known.idleMillis(now)) > now);
  }

  private @Nullable Known visible(ByteBuffer key) {
    Known known = live.get(key);
    return isVisible(known) ? known : null;
  }

  @Override
  public void removed(Cause cause, byte[] key, byte[] value, int userFlags) {
    ByteBuffer removedKey = ByteBuffer.wrap(key);
    Known known = live.remove(removedKey);
    removals.merge(cause, 1L, Long::sum);
    evictedBytes += cause == Cause.EVICTED ? key.length + value.length : 0;
    if (known == null) {
      Known put = Objects.requireNonNull(pending, "an unknown entry is removed");
      assertThat(removedKey).isEqualTo(ownKey);
      assertThat(cause).isEqualTo(isVisible(put) ? Cause.EVICTED : Cause.EXPIRED);
      assertThat(Arrays.equals(value, put.value)).as("value of the entry just put").isTrue();
      assertThat(userFlags).isEqualTo(put.userFlags);
      assertThat(pendingGone).isFalse();
      pendingGone = true;
      return;
    }
    assertThat(Arrays.equals(value, known.value)).as("value of the entry removed").isTrue();
    assertThat(userFlags).isEqualTo(known.userFlags);
    assertThat(cause == Cause.EXPIRED || clearing).as("%s, expired or cleared", cause).isEqualTo(
        !isVisible(known) || clearing);
    payloadBytes -= key.length + value.length;
    boolean own = removedKey.equals(ownKey);
    ownCause = own ? cause : ownCause;
    switch (cause) {
      case REPLACED -> assertThat(own && pending != null).isTrue();
      case EXPLICIT ->
          assertThat(clearing || (own && (operation == Operation.REMOVE || operation == Operation.REMOVE_IF))).isTrue();
      case EVICTED -> assertThat(operation).isNotIn(Operation.REMOVE, Operation.REMOVE_IF, Operation.GET);
      case EXPIRED -> {}
    }
  }

  /** What a store without a sink does not tell: the entry of a key is gone. */
  private void hear(Cause cause, ByteBuffer key, Known known) {
    byte[] bytes = new byte[key.remaining()];
    key.get(0, bytes);
    removed(cause, bytes, known.value, known.userFlags);
  }

  // ---- what is done

  /** Does one operation. */
  void operate(Mix mix) {
    operation = mix.draw(random);
    byte[] key = randomKey();
    ownKey = ByteBuffer.wrap(key);
    ownCause = null;
    pending = null;
    pendingGone = false;
    switch (operation) {
      case PUT -> put(key, PutSpec.Condition.ALWAYS, 0);
      case PUT_IF -> putIf(key);
      case GET -> get(key);
      case READ -> read(key, 2);
      case BATCH -> getAll();
      case REMOVE -> remove(key, 0);
      case REMOVE_IF -> remove(key, someVersion(key));
      case LEASE -> lease(key);
      case PUBLISH -> publish();
      case FIND -> find(key);
      case MAINTAIN -> maintain();
      case TIME -> clock.advance(random.nextInt(20) == 0 ? -5 : random.nextInt(100));
    }
  }

  private byte[] randomKey() {
    SplittableRandom ofKey = new SplittableRandom(random.nextInt(load.keys));
    int most = ofKey.nextInt(50) == 0 ? Math.min(load.keyBytesMax, store.keyBytesMax()) : load.keyBytesMin + 20;
    byte[] key = new byte[ofKey.nextInt(load.keyBytesMin, Math.min(most, load.keyBytesMax) + 1)];
    ofKey.nextBytes(key);
    return key;
  }

  private byte[] randomValue(@Nullable Known alike) {
    int length;
    if (alike != null) {
      length = Math.clamp(alike.value.length + random.nextInt(-4, 5), 0, store.valueBytesMax());
    } else if (random.nextInt(load.largeEvery) == 0) {
      length = logUniform(Math.min(load.largeBytesMax, store.valueBytesMax()));
      if (random.nextInt(4) == 0) {
        // About where a value begins to fill slabs of its own.
        length = store.geometry().slabBytes() + random.nextInt(-40, 40);
      }
    } else {
      length = logUniform(load.valueBytesMax);
    }
    byte[] value = new byte[length];
    int from = random.nextInt(POOL_BYTES);
    for (int at = 0; at < length; ) {
      int piece = Math.min(length - at, POOL_BYTES - from);
      System.arraycopy(pool, from, value, at, piece);
      at += piece;
      from = 0;
    }
    return value;
  }

  private int logUniform(int most) {
    return (int) Math.exp(random.nextDouble() * Math.log(most + 1.0)) - 1;
  }

  private long hash(byte[] key) {
    return store.hash(key, 0, key.length);
  }

  private long someVersion(byte[] key) {
    Known known = live.get(ByteBuffer.wrap(key));
    Long lease = leases.get(ByteBuffer.wrap(key));
    return switch (random.nextInt(4)) {
      case 0 -> random.nextLong(1, 1 << 20);
      case 1 -> lease != null ? lease : 1;
      default -> known != null ? known.version : 1;
    };
  }

  private void putIf(byte[] key) {
    switch (random.nextInt(5)) {
      case 0 -> put(key, PutSpec.Condition.IF_ABSENT, 0);
      case 1 -> put(key, PutSpec.Condition.IF_PRESENT, 0);
      case 2 -> put(key, PutSpec.Condition.IF_GUARD, 0);
      default -> put(key, PutSpec.Condition.IF_VERSION, someVersion(key));
    }
  }

  private void put(byte[] key, PutSpec.Condition condition, long expectedVersion) {
    Known old = live.get(ownKey);
    Known alike = told || random.nextBoolean() ? null : old;
    byte[] value = randomValue(alike);
    boolean guard = random.nextInt(3) > 0;
    spec.reset();
    switch (condition) {
      case ALWAYS -> spec.always();
      case IF_GUARD -> spec.ifHolds(() -> guard);
      case IF_ABSENT -> spec.ifAbsentAndHolds(() -> guard);
      case IF_PRESENT -> spec.ifPresent();
      case IF_VERSION -> spec.ifVersion(expectedVersion);
    }
    spec.expiryMillis(random.nextInt(4) == 0 ? Math.max(1, clock.millis() + random.nextInt(-10, 5_000)) : 0);
    // Without a sink the map would not know which of the idle ones are gone.
    spec.timeToIdle(told && random.nextInt(4) == 0 ? 1 + random.nextInt(3_000) : 0, clock.millis());
    spec.cost(random.nextInt(5) == 0 ? random.nextInt(EntryLayout.COST_MAX + 1) : 0);
    spec.userFlags(random.nextInt(EntryLayout.USER_FLAGS_MAX + 1));
    if (alike != null) {
      spec.expiryMillis(alike.expiryMillis == 0 ? 0 : clock.millis() + 5_000).cost(alike.cost);
      spec.userFlags(alike.userFlags);
    }
    Known fresh = new Known(value, spec);
    pending = fresh;
    long outcome = told ? callPut(key, value) : putAndLook(key, value);
    if (!told && outcome > 0 && old != null) {
      hear(isVisible(old) ? Cause.REPLACED : Cause.EXPIRED, ownKey, old);
    }
    boolean visible = isVisible(old) && (ownCause == null || ownCause == Cause.REPLACED);
    Long lease = leases.get(ownKey);
    switch (condition) {
      case ALWAYS -> assertThat(outcome).isPositive();
      case IF_GUARD -> assertSuccess(outcome, guard, Store.MISMATCH);
      case IF_ABSENT -> assertSuccess(outcome, !visible && guard, visible ? Store.PRESENT : Store.MISMATCH);
      case IF_PRESENT -> assertSuccess(outcome, visible, Store.ABSENT);
      case IF_VERSION -> {
        if (visible) {
          assertSuccess(outcome, Objects.requireNonNull(old).version == expectedVersion, Store.MISMATCH);
        } else if (lease != null && outcome != Store.ABSENT) {
          assertSuccess(outcome, lease == expectedVersion, Store.MISMATCH);
        } else {
          assertThat(outcome).isEqualTo(Store.ABSENT);
        }
      }
    }
    if (outcome > 0) {
      if (old != null) {
        assertThat(ownCause).as("cause of the removal of what was there").isNotNull();
      }
      fresh.version = outcome;
      stored(fresh);
    } else {
      assertThat(ownCause).isNotEqualTo(Cause.REPLACED);
    }
  }

  private static void assertSuccess(long outcome, boolean success, int otherwise) {
    if (success) {
      assertThat(outcome).isPositive();
    } else {
      assertThat(outcome).isEqualTo(otherwise);
    }
  }

  /** Puts, and counts it if the block of the old entry is then the spare, and the new one lies in the spare. */
  private long putAndLook(byte[] key, byte[] value) {
    long hash = hash(key);
    Partition partition = partitions[(int) hash & (partitions.length - 1)];
    int bytes = EntryLayout.keyOffset(spec.flags()) + key.length + value.length;
    if (bytes > classes.sharedBytesMax()) {
      return callPut(key, value);
    }
    int sizeClass = classes.classFor(bytes);
    long old = entry(partition, hash, key);
    long spare = spares.get(partition.number, sizeClass);
    // Where there is a partial slab the long way would allocate from it.
    boolean partial = partition.slabs.firstPartial(sizeClass) != PartitionSlabs.NO_SLAB;
    long outcome = callPut(key, value);
    if (old != 0
        && partial
        && spare != PartitionSlabs.NO_BLOCK
        && entry(partition, hash, key) == spare
        && spares.get(partition.number, sizeClass) == old) {
      shortOverwrites++;
    }
    return outcome;
  }

  private static long entry(Partition partition, long hash, byte[] key) {
    long slot = partition.index.find(hash, key, 0, key.length);
    return slot == HashIndex.NO_SLOT ? 0 : partition.index.entry(slot);
  }

  /** How many overwrites without a sink went the short way, at least. */
  long shortOverwrites() {
    return shortOverwrites;
  }

  private long callPut(byte[] key, byte[] value) {
    byte[] keys = surrounded(key);
    byte[] values = surrounded(value);
    long hash = hash(key);
    if (random.nextBoolean()) {
      return store.put(hash, keys, MARGIN, key.length, values, MARGIN, value.length, spec);
    }
    return store.put(hash, keys, MARGIN, key.length, MemorySegment.ofArray(values), MARGIN, value.length, spec);
  }

  private byte[] surrounded(byte[] bytes) {
    byte[] larger = new byte[bytes.length + 2 * MARGIN];
    System.arraycopy(bytes, 0, larger, MARGIN, bytes.length);
    return larger;
  }

  private void stored(Known known) {
    assertVersionGrows(known.version);
    leases.remove(ownKey);
    puts++;
    if (!pendingGone) {
      live.put(ownKey, known);
      payloadBytes += ownKey.remaining() + known.value.length;
    }
  }

  private void assertVersionGrows(long version) {
    Long last = lastVersions.put(ownKey, version);
    assertThat(version).as("version after %d", last).isGreaterThan(last == null ? 0 : last);
  }

  private void lease(byte[] key) {
    Known old = live.get(ownKey);
    long expiry = random.nextBoolean() ? 0 : clock.millis() + random.nextInt(500);
    long outcome = store.lease(hash(key), key, 0, key.length, expiry);
    if (!told && outcome > 0 && old != null) {
      hear(Cause.EXPIRED, ownKey, old);
    }
    boolean visible = isVisible(old) && ownCause == null;
    assertSuccess(outcome, !visible, Store.PRESENT);
    if (outcome > 0) {
      assertVersionGrows(outcome);
      leases.put(ownKey, outcome);
    }
  }

  private void publish() {
    if (leases.isEmpty()) {
      return;
    }
    Map.Entry<ByteBuffer, Long> leased = leases.entrySet().iterator().next();
    ownKey = leased.getKey();
    byte[] key = new byte[ownKey.remaining()];
    ownKey.get(0, key);
    put(key, PutSpec.Condition.IF_VERSION, leased.getValue());
    leases.remove(ownKey);
  }

  private void remove(byte[] key, long expectedVersion) {
    Known known = visible(ownKey);
    Known expired = known == null ? live.get(ownKey) : null;
    boolean discards = expectedVersion == 0 && random.nextBoolean();
    long outcome =
        discards
            ? store.discard(hash(key), key, 0, key.length, info)
            : store.remove(hash(key), key, 0, key.length, expectedVersion);
    if (!told && expired != null) {
      hear(Cause.EXPIRED, ownKey, expired);
    } else if (!told && outcome > 0) {
      hear(Cause.EXPLICIT, ownKey, Objects.requireNonNull(known));
    }
    if (known == null) {
      assertThat(outcome).isEqualTo(Store.ABSENT);
      Long lease = leases.get(ownKey);
      if (lease != null && (expectedVersion == 0 || expectedVersion == lease)) {
        leases.remove(ownKey);
      }
    } else if (expectedVersion == 0 || expectedVersion == known.version) {
      assertThat(outcome).isEqualTo(known.version);
      assertThat(ownCause).isEqualTo(Cause.EXPLICIT);
    } else {
      assertThat(outcome).isEqualTo(Store.MISMATCH);
      assertThat(ownCause).isNull();
    }
  }

  void clear() {
    clearing = true;
    store.clear();
    if (!told) {
      Map.copyOf(live).forEach((key, known) -> hear(Cause.EXPLICIT, key, known));
    }
    clearing = false;
    leases.clear();
    assertThat(live).isEmpty();
    assertThat(store.estimatedSize()).isZero();
  }

  private void maintain() {
    boolean everything = !told || random.nextInt(4) == 0;
    store.maintain(everything ? Integer.MAX_VALUE : random.nextInt(8));
    if (!told) {
      Map.copyOf(live).forEach(
          (key, known) -> {
            if (!isVisible(known)) {
              hear(Cause.EXPIRED, key, known);
            }
          });
    }
    if (everything) {
      assertThat(live.values()).allMatch(this::mayStay);
    }
  }

  // ---- reads

  private void counted(@Nullable Known known) {
    hits += known != null ? 1 : 0;
    misses += known == null ? 1 : 0;
    if (known != null) {
      known.access(clock.millis());
    }
  }

  private void assertInfo(Known known) {
    assertThat(info.version()).isEqualTo(known.version);
    assertThat(info.expiryMillis()).isEqualTo(known.expiryMillis(clock.millis()));
    assertThat(info.cost()).isEqualTo(known.cost);
    assertThat(info.userFlags()).isEqualTo(known.userFlags);
    assertThat(info.valueLength()).isEqualTo(known.value.length);
  }

  private void find(byte[] key) {
    Known known = visible(ownKey);
    assertThat(store.find(hash(key), key, 0, key.length, info)).isEqualTo(known != null);
    if (known != null) {
      assertInfo(known);
    }
  }

  private void get(byte[] key) {
    Known known = visible(ownKey);
    counted(known);
    int expected = known == null ? Store.ABSENT : known.value.length;
    byte[] keys = surrounded(key);
    // Mostly enough, sometimes exactly enough, sometimes less than that.
    int room = Math.max(0, expected) + random.nextInt(-2, 10);
    room = Math.max(room, 0);
    byte[] target = new byte[room + 2 * MARGIN];
    MemorySegment segment = MemorySegment.ofArray(target);
    long hash = hash(key);
    int form = random.nextInt(5);
    int length =
        switch (form) {
          case 0 -> store.get(hash, keys, MARGIN, key.length, target, MARGIN, room);
          case 1 -> store.get(hash, keys, MARGIN, key.length, target, MARGIN, room, info);
          case 2 -> store.get(hash, keys, MARGIN, key.length, segment, MARGIN, room);
          case 3 -> store.get(hash, keys, MARGIN, key.length, segment, MARGIN, room, info);
          default -> {
            byte[] value = store.getBytes(hash, keys, MARGIN, key.length, info);
            if (value != null && value.length <= room) {
              System.arraycopy(value, 0, target, MARGIN, value.length);
            }
            yield value == null ? Store.ABSENT : value.length;
          }
        };
    assertThat(length).isEqualTo(expected);
    byte[] expectedTarget = new byte[target.length];
    if (known != null && expected <= room) {
      System.arraycopy(known.value, 0, expectedTarget, MARGIN, expected);
    }
    assertThat(Arrays.equals(target, expectedTarget)).as("value of %d bytes by form %d", expected, form).isTrue();
    if (known != null && form != 0 && form != 2) {
      assertInfo(known);
    }
  }

  private void read(byte[] key, int depth) {
    Known known = visible(ByteBuffer.wrap(key));
    counted(known);
    Boolean found =
        store.read(
            hash(key),
            key,
            0,
            key.length,
            this,
            (model, view) -> {
              Known expected = Objects.requireNonNull(known, "what is read is not there");
              model.checkView(view, expected);
              if (depth > 1) {
                model.read(model.randomKey(), depth - 1);
                model.checkView(view, expected);
              }
              return true;
            });
    assertThat(found != null).isEqualTo(known != null);
  }

  private void checkView(ValueView view, Known known) {
    byte[] value = known.value;
    assertThat(view.length()).isEqualTo(value.length);
    assertThat(view.info().version()).isEqualTo(known.version);
    assertThat(Arrays.equals(view.toArray(), value)).as("value of %d bytes in view", value.length).isTrue();
    if (value.length > 8) {
      int at = random.nextInt(value.length - 8);
      ByteBuffer bytes = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(view.getLong(at)).isEqualTo(bytes.getLong(at));
      assertThat(view.getInt(at)).isEqualTo(bytes.getInt(at));
      assertThat(view.getByte(at)).isEqualTo(bytes.get(at));
      MemorySegment part = MemorySegment.ofArray(new byte[8]);
      view.copyTo(at, part, 1, 7);
      assertThat(part.asSlice(1).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(Arrays.copyOfRange(value, at, at + 7));
    }
  }

  private void getAll() {
    List<ByteBuffer> keys = new ArrayList<>();
    batch.clear();
    for (int i = random.nextInt(BATCH_KEYS); i >= 0; i--) {
      byte[] key = randomKey();
      keys.add(ByteBuffer.wrap(key));
      batch.add(surrounded(key), MARGIN, key.length);
    }
    store.getAll(batch);
    for (int i = 0; i < keys.size(); i++) {
      Known known = visible(keys.get(i));
      counted(known);
      assertThat(batch.length(i)).isEqualTo(known == null ? Store.ABSENT : known.value.length);
      if (known != null && known.value.length <= ROOM_BYTES) {
        int from = batch.offset(i);
        assertThat(Arrays.equals(batch.values(), from, from + known.value.length, known.value, 0, known.value.length))
            .as("value %d of the batch", i)
            .isTrue();
      }
    }
  }

  // ---- checks of the whole

  /** Compares everything: the entries by a walk, the counters, and the region with itself. */
  void check() {
    walk();
    StoreStats stats = store.stats();
    assertThat(stats.entries()).isEqualTo(live.size()).isEqualTo(store.estimatedSize());
    assertThat(stats.payloadBytes()).isEqualTo(payloadBytes);
    assertThat(stats.puts()).isEqualTo(puts);
    assertThat(stats.hits()).isEqualTo(hits);
    assertThat(stats.misses()).isEqualTo(misses);
    assertThat(stats.removals()).isEqualTo(removals.getOrDefault(Cause.EXPLICIT, 0L));
    assertThat(stats.evictions()).isEqualTo(removals.getOrDefault(Cause.EVICTED, 0L));
    assertThat(stats.evictedBytes()).isEqualTo(evictedBytes);
    assertThat(stats.expirations()).isEqualTo(removals.getOrDefault(Cause.EXPIRED, 0L));
    assertThat(stats.rejections()).isZero();
    assertThat(stats.corruptions()).isZero();
    assertThat(stats.usedBytes() + stats.freeBytes()).isLessThanOrEqualTo(stats.regionBytes());
    assertThat(stats.payloadBytes()).isLessThanOrEqualTo(stats.blockBytes());
    assertThat(stats.blockBytes()).isLessThanOrEqualTo(stats.slabBytes());
    store.assertValid();
  }

  private void walk() {
    Set<ByteBuffer> seen = new HashSet<>();
    StoreIterator iterator = store.iterator();
    while (iterator.next()) {
      byte[] key = new byte[iterator.keyLength()];
      iterator.copyKey(key, 0);
      byte[] value = new byte[iterator.valueLength()];
      iterator.copyValue(value, 0);
      Known known = Objects.requireNonNull(visible(ByteBuffer.wrap(key)), "an unknown entry is on the walk");
      assertThat(seen.add(ByteBuffer.wrap(key))).as("entry is seen once").isTrue();
      assertThat(Arrays.equals(value, known.value)).as("value on the walk").isTrue();
      assertThat(iterator.info().version()).isEqualTo(known.version);
    }
    assertThat(seen).hasSize((int) live.values().stream().filter(this::isVisible).count());
  }

  @Override
  public void close() {
    store.close();
  }

  @Override
  public String toString() {
    StoreStats stats = store.stats();
    return "evictions=" + stats.evictions() + " expirations=" + stats.expirations() + " relocations="
        + stats.relocations() + " entries=" + stats.entries() + " index=" + stats.indexBytes()
        + " short overwrites=" + shortOverwrites;
  }
}
