package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.Spares;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * The way to the hot operations of one store.
 *
 * <p>The JIT compiler folds what hangs on a static final field, and nothing that hangs on an object's fields; a
 * lookup reads some dozens of those, and again after each of its fences. So each store defines a class of its
 * own, a hidden copy of {@link FastPath}, whose static final is that store's.
 *
 * <p>The copy is unloaded when its store is collected. Any thread.
 */
abstract class StoreGate {
  private static final String TEMPLATE = "FastPath.class";

  /** What a gate needs; the class data of a store's copy. */
  @SuppressWarnings("ArrayRecordComponent") // as fixed as the other components, and never compared
  record Parts(
      StoreReader reader,
      StoreWriter writer,
      Memory memory,
      Addresses where,
      Entries entries,
      HitSampler sampler,
      boolean marksHits,
      ReadCounters counters,
      Partition[] partitions,
      SizeClasses classes,
      Spares spares,
      long seed,
      boolean verify,
      boolean plainWrites,
      int sharedBytesMax,
      long token) {

    Parts(StoreReader reader, StoreWriter writer) {
      this(
          reader,
          writer,
          reader.memory(),
          reader.where(),
          reader.entries(),
          reader.sampler(),
          !reader.readOnly(),
          reader.counters(),
          writer.partitions(),
          writer.classes(),
          writer.spares(),
          reader.seed(),
          reader.verify(),
          writer.plain(),
          writer.sharedBytesMax(),
          writer.token());
    }
  }

  /** Defines the gate of a store. */
  static StoreGate of(StoreReader reader, StoreWriter writer) {
    Parts parts = new Parts(reader, writer);
    try {
      MethodHandles.Lookup copy = MethodHandles.lookup().defineHiddenClassWithClassData(template(), parts, true);
      MethodType constructor = MethodType.methodType(void.class, Parts.class);
      return (StoreGate) copy.findConstructor(copy.lookupClass(), constructor).invoke(parts);
    } catch (Throwable failure) {
      throw new IllegalStateException("the store's own class cannot be defined", failure);
    }
  }

  private static byte[] template() {
    try (InputStream in = StoreGate.class.getResourceAsStream(TEMPLATE)) {
      if (in == null) {
        throw new IllegalStateException(TEMPLATE + " is not beside " + StoreGate.class);
      }
      return in.readAllBytes();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * Looks a key up and copies its value, to {@code array} or, where that is null, to {@code segment}, from {@code at}
   * on, if it is at most {@code room} bytes. Counts a hit or a miss.
   *
   * @param keyLength at most {@link EntryLayout#KEY_LENGTH_MASK}, as callers see to by {@link Store#keyBytesMax}
   * @param info is told about the entry, if there is one
   * @return the value's length, or {@link Store#ABSENT}
   */
  abstract int get(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      long room,
      @Nullable EntryInfo info);

  /** Looks up a key that is a whole array, and copies its value to another, from 0 on, as {@link #get} does. */
  abstract int get(byte[] key, byte[] target);

  /**
   * Whether the entry of a sighting is still there, unchanged, L0-1. If so it counts as a hit, and now and then as an
   * access.
   */
  abstract boolean isUnchanged(Sighting sighting);

  /**
   * Looks up all keys of a batch, in steps, so that the misses of its keys in the CPU's caches overlap. Counts hits
   * and misses.
   */
  abstract void getAll(Batch batch);

  /**
   * Puts a value that lies in an array or, where that is null, in a segment.
   *
   * @return the new version, or one of the outcomes of {@link Store}
   */
  abstract long put(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long valueOffset,
      int valueLength,
      PutSpec spec);
}
