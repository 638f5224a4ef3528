package io.larder.engine;

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
 * own, a hidden copy of {@link ConstantGate}, whose static finals are that store's reader and writer. They are
 * records, as is what they consist of, because the compiler trusts the components of records.
 *
 * <p>The copy is unloaded when its store is collected. Any thread.
 */
abstract class StoreGate {
  private static final String TEMPLATE = "ConstantGate.class";

  /** What the copy of a store finds as its class data. */
  record Parts(StoreReader reader, StoreWriter writer) {}

  /** Defines the gate of a store. */
  static StoreGate of(StoreReader reader, StoreWriter writer) {
    try {
      MethodHandles.Lookup copy =
          MethodHandles.lookup().defineHiddenClassWithClassData(template(), new Parts(reader, writer), true);
      return (StoreGate)
          copy.findConstructor(copy.lookupClass(), MethodType.methodType(void.class)).invoke();
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

  /** {@link StoreReader#get}. */
  abstract int get(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      long room);

  /** {@link StoreReader#getAll}. */
  abstract void getAll(Batch batch);

  /** {@link StoreWriter#put}. */
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
