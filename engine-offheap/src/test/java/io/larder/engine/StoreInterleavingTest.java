package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabPool;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * One read and one write in every order: the read is interrupted by the whole write before each of its accesses to
 * memory, and the write by a read before each of its own. A read gives what was there before or after, whole; and
 * while a write goes on, what is read changes once.
 */
class StoreInterleavingTest {
  private static final long MEMORY_BYTES = 1 << 20;
  private static final int ROOM_BYTES = 40_000;
  private static final int LARGE_BYTES = 20_000;
  private static final int CROWD = 14;
  private static final long IDLE_MILLIS = 1_000;

  /** So long that the block is free when the value has gone, and no spare. */
  private static final int NEVER_SPARE_BYTES = 1_500;

  /**
   * What a read found.
   *
   * @param value null for nothing
   * @param version 0 if the form of reading does not tell it
   */
  record Found(@Nullable ByteBuffer value, long version) {
    static final Found NOTHING = new Found(null, 0);

    static Found of(byte @Nullable [] value, long version) {
      return value == null ? NOTHING : new Found(ByteBuffer.wrap(value), version);
    }

    /** Whether this is the other, as far as the form of reading tells. */
    boolean is(Found other) {
      return Objects.equals(value, other.value) && (version == 0 || version == other.version);
    }

    @Override
    public String toString() {
      return value == null ? "nothing" : value.remaining() + " bytes of version " + version;
    }
  }

  /** A store of one partition, and a key that is read while it, or what is around it, is written. */
  static final class World {
    final SteppedMemory memory = new SteppedMemory(MEMORY_BYTES);
    final TestClock clock = new TestClock();
    final Store store;
    final RegionGeometry geometry;
    final Partition partition;
    final Sweeper sweeper;
    final byte[] target = new byte[ROOM_BYTES];
    final EntryInfo info = new EntryInfo();
    final PutSpec spec = new PutSpec();
    final Batch batch = new Batch(1, ROOM_BYTES);
    long key = 7;
    long other = 8;
    private int entriesBeforeGrowth;
    private long otherExpiry;

    World(boolean verify) {
      StoreOptions options =
          StoreOptions.ofMemory(MEMORY_BYTES)
              .withPartitions(1)
              .withVerifyReads(verify)
              .withHashSeed(99)
              .withClock(clock);
      store = Store.open(memory, options);
      geometry = store.geometry();
      Entries entries = new Entries(memory, geometry, options.hashSeed());
      SizeClasses classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
      partition =
          new Partition(memory, geometry, classes, new SlabPool(memory, geometry), entries, 0, options);
      sweeper = new Sweeper(memory, partition, entries, options.clock());
    }

    static byte[] bytes(long number) {
      return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
    }

    static byte[] value(int length, int seed) {
      byte[] value = new byte[length];
      Arrays.fill(value, (byte) seed);
      return value;
    }

    long hash(long number) {
      return store.hash(bytes(number), 0, Long.BYTES);
    }

    void put(long number, int length, int seed) {
      byte[] value = value(length, seed);
      assertThat(store.put(hash(number), bytes(number), 0, Long.BYTES, value, 0, length, spec)).isPositive();
    }

    /** Puts an entry twice, so that the class has a spare: the next overwrite goes the short way. */
    void putTwice(long number, int length, int seed) {
      put(number, length, seed);
      put(number, length, seed);
    }

    /** As {@link #put}, with an expiry and the user's flags. */
    void putMortal(long number, int length, int seed) {
      spec.expiryMillis(EntryLayout.EXPIRY_MILLIS_MAX).userFlags(2);
      put(number, length, seed);
      spec.reset();
    }

    /** As {@link #put}, with an idle deadline that the next access moves. */
    void putIdle(long number, int length, int seed) {
      spec.timeToIdle(IDLE_MILLIS, clock.millis());
      put(number, length, seed);
      spec.reset();
      if (number == other) {
        otherExpiry = expiryOfOther();
      }
      clock.advance(IDLE_MILLIS / 2);
    }

    /** When the other entry expires; 0 for never, or when it is not there. */
    private long expiryOfOther() {
      EntryInfo infoOfOther = new EntryInfo();
      return store.find(hash(other), bytes(other), 0, Long.BYTES, infoOfOther) ? infoOfOther.expiryMillis() : 0;
    }

    void remove(long number) {
      assertThat(store.remove(hash(number), bytes(number), 0, Long.BYTES, 0)).isPositive();
    }

    /** Empties a slab, as a writer in need of space does. */
    void sweep(boolean force) {
      partition.lock();
      try {
        assertThat(sweeper.sweepSlab(force)).isTrue();
      } finally {
        partition.unlock();
      }
    }

    private long word(long field) {
      return memory.getLong(geometry.partitionOffset(0) + field);
    }

    private long moved() {
      return PartitionLayout.moved(word(PartitionLayout.RESIZE_OFFSET));
    }

    private long homes() {
      return PartitionLayout.bucketCount(word(PartitionLayout.SHAPE_OFFSET));
    }

    private List<Long> numbersAt(long home, int count) {
      List<Long> numbers = new ArrayList<>();
      for (long number = 1L << 40; numbers.size() < count; number++) {
        if (PartitionLayout.home(hash(number), homes()) == home) {
          numbers.add(number);
        }
      }
      return numbers;
    }

    /** Puts more entries into a home bucket than it has slots: the first is {@link #other}, the last {@link #key}. */
    void crowd(long home) {
      List<Long> numbers = numbersAt(home, CROWD);
      numbers.forEach(number -> put(number, 50, 1));
      other = numbers.getFirst();
      key = numbers.getLast();
    }

    /** Fills the table until it is being resized. */
    void fillUntilResizing() {
      for (long number = 1_000; !partition.index.isResizing(); number++) {
        put(number, 10, 9);
      }
    }

    /** Fills the table until the next put begins to resize it, and moves the first home, where the key is. */
    void fillUntilGrowth() {
      if (entriesBeforeGrowth == 0) {
        fillUntilResizing();
        entriesBeforeGrowth = (int) partition.slotsUsed() - 1;
        store.clear();
      }
      key = numbersAt(0, 1).getFirst();
      put(key, NEVER_SPARE_BYTES, 1);
      for (int entry = 1; entry < entriesBeforeGrowth; entry++) {
        put(1_000 + entry, 10, 9);
      }
    }

    /**
     * Goes on until the next put moves the home of the key, which lies in it or, in a crowd, behind it.
     *
     * @param step of the two homes that the put moves, 0 for the first
     */
    void fillUntilKeyMoves(boolean crowded, int step) {
      fillUntilResizing();
      if (crowded) {
        crowd(moved() + 2 * CROWD + step);
      } else {
        key = numbersAt(moved() + 2 + step, 1).getFirst();
        put(key, 50, 1);
      }
    }

    void fillUntilLastStep() {
      fillUntilResizing();
      key = numbersAt(homes() - 2, 1).getFirst();
      put(key, 50, 1);
      for (long number = 1L << 50; moved() < homes() - 1; number++) {
        put(number, 10, 9);
      }
    }

    /** Fills slabs half, and reads the key so that a sweep keeps it. */
    void fillSparsely(int length) {
      for (long number = 1_000; number < 1_600; number++) {
        put(number, 50, 9);
        if (number == 1_001) {
          put(key, length, 1);
        }
      }
      for (long number = 1_000; number < 1_600; number += 2) {
        remove(number);
      }
      for (int i = 0; i < 3; i++) {
        assertThat(get().value).isNotNull();
      }
    }

    /** The other entry, whose block may have been that of the key, is as it was put: one byte many times. */
    void assertOtherIsWhole() {
      byte[] value = store.getBytes(hash(other), bytes(other), 0, Long.BYTES, info);
      if (value != null) {
        assertThat(value).isEqualTo(value(value.length, value[0]));
      }
    }

    /** All entries are whole, with their keys, and the other one expires when it was to. */
    void assertOtherIsAsPut(String as) {
      int entries = (int) store.estimatedSize();
      int walked = 0;
      for (StoreIterator all = store.iterator(); all.next(); walked++) {
        byte[] value = new byte[all.valueLength()];
        all.copyValue(value, 0);
        assertThat(value).as(as).isEqualTo(value(value.length, value[0]));
      }
      assertThat(walked).as(as).isEqualTo(entries);
      assertThat(expiryOfOther()).as(as).isEqualTo(otherExpiry);
    }

    /** What is there, without accessing it. */
    Found found() {
      for (StoreIterator all = store.iterator(); all.next(); ) {
        byte[] foundKey = new byte[all.keyLength()];
        all.copyKey(foundKey, 0);
        if (Arrays.equals(foundKey, bytes(key))) {
          byte[] value = new byte[all.valueLength()];
          all.copyValue(value, 0);
          store.find(hash(key), bytes(key), 0, Long.BYTES, info);
          return Found.of(value, info.version());
        }
      }
      return Found.NOTHING;
    }

    // ---- forms of reading

    Found get() {
      int length = store.get(hash(key), bytes(key), 0, Long.BYTES, target, 0, ROOM_BYTES);
      return length < 0 ? Found.NOTHING : Found.of(Arrays.copyOf(target, length), 0);
    }

    Found getWithInfo() {
      MemorySegment segment = MemorySegment.ofArray(target);
      int length = store.get(hash(key), bytes(key), 0, Long.BYTES, segment, 0, ROOM_BYTES, info);
      return length < 0 ? Found.NOTHING : Found.of(Arrays.copyOf(target, length), info.version());
    }

    Found read() {
      Found found =
          store.read(
              hash(key),
              bytes(key),
              0,
              Long.BYTES,
              this,
              (context, view) -> Found.of(view.toArray(), view.info().version()));
      return found == null ? Found.NOTHING : found;
    }

    Found getBytes() {
      return Found.of(store.getBytes(hash(key), bytes(key), 0, Long.BYTES, info), info.version());
    }

    Found getAll() {
      batch.clear();
      store.getAll(batch.add(bytes(key)));
      int length = batch.length(0);
      return length < 0 ? Found.NOTHING : Found.of(Arrays.copyOf(batch.values(), length), 0);
    }
  }

  /**
   * A write.
   *
   * @param prepare makes, in an empty store, what is there before
   * @param atOnce whether what is read changes once while it goes on
   */
  record Write(String name, Consumer<World> prepare, Consumer<World> write, boolean atOnce) {
    static Write atOnce(String name, Consumer<World> prepare, Consumer<World> write) {
      return new Write(name, prepare, write, true);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static final List<Write> writes =
      List.of(
          Write.atOnce("insertion", world -> {}, world -> world.put(world.key, 50, 2)),
          Write.atOnce("overwrite", world -> world.put(world.key, 50, 1), world -> world.put(world.key, 50, 2)),
          Write.atOnce("short way", world -> world.putTwice(world.key, 50, 1), world -> world.put(world.key, 50, 2)),
          Write.atOnce(
              "short way, shorter", world -> world.putTwice(world.key, 60, 1), world -> world.put(world.key, 57, 2)),
          Write.atOnce(
              "short way, longer", world -> world.putTwice(world.key, 57, 1), world -> world.put(world.key, 60, 2)),
          Write.atOnce(
              "short way, mortal",
              world -> {
                world.putMortal(world.key, 50, 1);
                world.putMortal(world.key, 50, 1);
              },
              world -> world.putMortal(world.key, 50, 2)),
          Write.atOnce(
              "short way of another key",
              world -> {
                world.putTwice(world.key, 50, 1);
                world.put(world.other, 50, 3);
              },
              world -> world.put(world.other, 50, 3)),
          Write.atOnce("shorter", world -> world.put(world.key, 60, 1), world -> world.put(world.key, 57, 2)),
          Write.atOnce("longer", world -> world.put(world.key, 50, 1), world -> world.put(world.key, 500, 2)),
          Write.atOnce("empty", world -> world.put(world.key, 50, 1), world -> world.put(world.key, 0, 2)),
          Write.atOnce("chain", world -> world.put(world.key, LARGE_BYTES, 1), world -> world.put(world.key, 2_500, 2)),
          Write.atOnce("to chain", world -> world.put(world.key, 50, 1), world -> world.put(world.key, LARGE_BYTES, 2)),
          Write.atOnce("from chain", world -> world.put(world.key, 2_500, 1), world -> world.put(world.key, 50, 2)),
          Write.atOnce("removal", world -> world.put(world.key, 50, 1), world -> world.remove(world.key)),
          Write.atOnce("end of chain", world -> world.put(world.key, 2_500, 1), world -> world.remove(world.key)),
          Write.atOnce("pull back", world -> world.crowd(10), world -> world.remove(world.other)),
          Write.atOnce("removal in a crowd", world -> world.crowd(10), world -> world.remove(world.key)),
          Write.atOnce("overwrite in a crowd", world -> world.crowd(10), world -> world.put(world.key, 50, 2)),
          Write.atOnce(
              "insertion in a crowd",
              world -> {
                world.crowd(10);
                world.remove(world.key);
              },
              world -> world.put(world.key, 50, 2)),
          Write.atOnce("growth", world -> world.fillUntilKeyMoves(false, 0), world -> world.put(1, 10, 9)),
          Write.atOnce("growth of a crowd", world -> world.fillUntilKeyMoves(true, 0), world -> world.put(1, 10, 9)),
          Write.atOnce(
              "growth of a crowd that moves last",
              world -> world.fillUntilKeyMoves(true, 1),
              world -> world.put(1, 10, 9)),
          Write.atOnce("end of growth", World::fillUntilLastStep, world -> world.put(1, 10, 9)),
          Write.atOnce("clear", world -> world.crowd(10), world -> world.store.clear()),
          Write.atOnce(
              "clear while growing", world -> world.fillUntilKeyMoves(true, 0), world -> world.store.clear()),
          Write.atOnce("relocation", world -> world.fillSparsely(50), world -> world.sweep(false)),
          Write.atOnce("relocation of a chain", world -> world.fillSparsely(2_500), world -> world.sweep(false)),
          Write.atOnce(
              "relocation into the spare",
              world -> {
                world.fillSparsely(50);
                world.put(1_599, 50, 9);
              },
              world -> world.sweep(false)),
          Write.atOnce("eviction", world -> world.fillSparsely(50), world -> world.sweep(true)),
          new Write(
              "reuse of the block",
              world -> world.put(world.key, 50, 1),
              world -> {
                world.remove(world.key);
                world.put(world.other, 50, 3);
              },
              false),
          new Write(
              "reuse of the block by the key",
              world -> world.put(world.key, 50, 1),
              world -> {
                world.put(world.key, 50, 2);
                world.put(world.key, 50, 3);
              },
              false),
          new Write(
              "reuse of the block by the key, short way",
              world -> world.putTwice(world.key, 50, 1),
              world -> {
                world.put(world.key, 50, 2);
                world.put(world.key, 50, 3);
              },
              false),
          new Write(
              "reuse of the block by another key, short way",
              world -> {
                world.put(world.other, 50, 4);
                world.putTwice(world.key, 50, 1);
              },
              world -> {
                world.put(world.key, 50, 2);
                world.put(world.other, 50, 3);
              },
              false),
          new Write(
              "reuse of the block after growth",
              World::fillUntilGrowth,
              world -> {
                world.put(1, 10, 9);
                world.put(world.key, NEVER_SPARE_BYTES, 2);
                world.put(world.key, NEVER_SPARE_BYTES, 3);
              },
              false),
          new Write(
              "reuse of the slab",
              world -> world.put(world.key, 50, 1),
              world -> {
                world.sweep(true);
                world.put(world.other, 2 * LARGE_BYTES, 0xFF);
              },
              false),
          new Write(
              "reuse of the slab by bytes that look like a word of no hits",
              world -> {
                // Not at the slab's start, where the next entry begins: where its value will be.
                world.put(1_000, 50, 9);
                world.put(world.key, 50, 1);
              },
              world -> {
                world.sweep(true);
                world.put(world.other, 2 * LARGE_BYTES, 0xFC);
              },
              false),
          new Write(
              "reuse of the slab of a chain that moved",
              world -> world.fillSparsely(2_500),
              world -> {
                world.sweep(false);
                world.put(world.other, 2 * LARGE_BYTES, 0xFF);
              },
              false),
          new Write(
              "reuse of a table",
              world -> world.fillUntilKeyMoves(true, 0),
              world -> {
                while (world.partition.index.isResizing()) {
                  world.store.maintain(1);
                }
                world.put(world.other, 2 * LARGE_BYTES, 0xFF);
                world.put(world.other + 1, 2 * LARGE_BYTES, 0xFF);
              },
              false));

  /** What becomes of an entry, and of its block, while a read moves its idle deadline. */
  static final List<Write> idleWrites =
      List.of(
          Write.atOnce("overwrite", world -> world.putIdle(world.key, 50, 1), world -> world.put(world.key, 58, 2)),
          Write.atOnce("removal", world -> world.putIdle(world.key, 50, 1), world -> world.remove(world.key)),
          Write.atOnce(
              "overwrite of a chain",
              world -> world.putIdle(world.key, 2_500, 1),
              world -> world.put(world.key, 50, 2)),
          Write.atOnce(
              "relocation",
              world -> {
                world.fillSparsely(50);
                world.putIdle(world.key, 50, 1);
              },
              world -> world.sweep(false)),
          Write.atOnce(
              "expiry",
              world -> world.putIdle(world.key, 50, 1),
              world -> {
                world.clock.advance(2 * IDLE_MILLIS);
                world.store.maintain(Integer.MAX_VALUE);
              }),
          Write.atOnce(
              "reuse of the block",
              world -> world.putIdle(world.key, 50, 1),
              world -> {
                world.remove(world.key);
                world.put(world.other, 58, 3);
              }),
          Write.atOnce(
              "reuse of the block by an idle one",
              world -> world.putIdle(world.key, 50, 1),
              world -> {
                world.remove(world.key);
                world.putIdle(world.other, 50, 3);
              }),
          Write.atOnce(
              "reuse of the block by an older one, and back",
              world -> world.putIdle(world.key, 50, 1),
              world -> {
                world.remove(world.key);
                world.put(world.other, 58, 3);
                world.remove(world.other);
                world.putIdle(world.key, 50, 2);
              }),
          Write.atOnce(
              "reuse of the slab",
              world -> world.putIdle(world.key, 50, 1),
              world -> {
                world.sweep(true);
                world.put(world.other, 2 * LARGE_BYTES, 0xFF);
              }));

  private static final List<Function<World, Found>> READS =
      List.of(World::get, World::getWithInfo, World::read, World::getBytes, World::getAll);

  private static Found prepared(World world, Write write) {
    world.store.clear();
    world.key = 7;
    world.other = 8;
    write.prepare.accept(world);
    return world.getWithInfo();
  }

  @ParameterizedTest
  @FieldSource("writes")
  void aReadGivesTheValueBeforeOrAfter(Write write) {
    for (boolean verify : new boolean[] {false, true}) {
      World world = new World(verify);
      for (int form = 0; form < READS.size(); form++) {
        Function<World, Found> read = READS.get(form);
        boolean interrupted = true;
        for (int access = 1; interrupted; access++) {
          Found before = prepared(world, write);
          List<Found> found = new ArrayList<>();
          interrupted =
              world.memory.interrupt(
                  () -> found.add(read.apply(world)), access, () -> write.write.accept(world));
          Found after = world.getWithInfo();
          Found seen = found.getFirst();
          assertThat(seen.is(before) || seen.is(after))
              .as("form %d, interrupted at %d, found %s; before %s, after %s", form, access, seen, before, after)
              .isTrue();
          world.assertOtherIsWhole();
        }
        world.store.assertValid();
      }
    }
  }

  /** A read that stores too: it is interrupted while it has the lock as well, and the write comes afterwards then. */
  @ParameterizedTest
  @FieldSource("idleWrites")
  void aReadThatMovesADeadlineMovesNothingElse(Write write) {
    for (boolean verify : new boolean[] {false, true}) {
      World world = new World(verify);
      for (int form = 0; form < READS.size(); form++) {
        Function<World, Found> read = READS.get(form);
        boolean interrupted = true;
        int waits = 0;
        for (int access = 1; interrupted; access++) {
          preparedIdle(world, write);
          Found before = world.found();
          long deadline = world.info.expiryMillis();
          List<Found> found = new ArrayList<>();
          boolean[] waited = new boolean[1];
          interrupted =
              world.memory.interrupt(
                  () -> found.add(read.apply(world)),
                  access,
                  () -> {
                    try {
                      write.write.accept(world);
                    } catch (SteppedMemory.WouldWait waiting) {
                      waited[0] = true;
                    }
                  });
          if (waited[0]) {
            write.write.accept(world);
            waits++;
          }
          Found after = world.found();
          Found seen = found.getFirst();
          String as = "form %d, interrupted at %d".formatted(form, access);
          assertThat(seen.is(before) || seen.is(after)).as(as).isTrue();
          if (!interrupted) {
            assertThat(world.info.expiryMillis()).as(as).isGreaterThan(deadline);
            write.write.accept(world);
          }
          world.assertOtherIsAsPut(as);
          world.store.assertValid();
        }
        assertThat(waits).as("interruptions while the read has the lock").isPositive();
      }
    }
  }

  private static void preparedIdle(World world, Write write) {
    world.store.clear();
    world.otherExpiry = 0;
    world.key = 7;
    world.other = 8;
    write.prepare.accept(world);
  }

  @ParameterizedTest
  @FieldSource("writes")
  void whatIsReadChangesOnceDuringAWrite(Write write) {
    if (!write.atOnce) {
      return;
    }
    for (boolean verify : new boolean[] {false, true}) {
      World world = new World(verify);
      for (int form = 0; form < READS.size(); form++) {
        Function<World, Found> read = READS.get(form);
        Found before = prepared(world, write);
        List<Found> found = new ArrayList<>();
        world.memory.interrupt(
            () -> write.write.accept(world), 1, 1, () -> addUnlessItWaits(found, () -> read.apply(world)));
        Found after = world.getWithInfo();
        boolean changed = false;
        for (int i = 0; i < found.size(); i++) {
          Found seen = found.get(i);
          changed |= !seen.is(before);
          assertThat(seen.is(changed ? after : before))
              .as("form %d, read %d found %s; before %s, after %s", form, i, seen, before, after)
              .isTrue();
        }
        world.store.assertValid();
      }
    }
  }

  @Test
  void noReadBelievesABucketThatIsBeingChanged() {
    for (boolean verify : new boolean[] {false, true}) {
      World world = new World(verify);
      world.put(world.key, 50, 1);
      world.partition.lock();
      long slot = world.partition.index.find(world.hash(world.key), World.bytes(world.key), 0, Long.BYTES);
      long stamp = world.partition.index.beginChange(slot);
      List<Found> found = new ArrayList<>();
      for (Function<World, Found> read : READS) {
        world.memory.interrupt(
            () -> world.memory.getLong(slot), 1, () -> addUnlessItWaits(found, () -> read.apply(world)));
      }
      assertThat(found).as("what was read at an odd stamp").isEmpty();
      world.partition.index.endChange(slot, stamp);
      world.partition.unlock();
    }
  }

  private static void addUnlessItWaits(List<Found> found, Supplier<Found> read) {
    try {
      found.add(read.get());
    } catch (SteppedMemory.WouldWait waiting) {
      // The read would go on when the write has gone on.
    }
  }
}
