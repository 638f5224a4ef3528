package io.larder.engine;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/** The template of {@link StoreGate}: never loaded under its own name, for it has no parts then. */
final class ConstantGate extends StoreGate {
  private static final StoreReader READER;
  private static final StoreWriter WRITER;

  static {
    try {
      Parts parts = MethodHandles.classData(MethodHandles.lookup(), "_", Parts.class);
      if (parts == null) {
        throw new IllegalStateException("no store has defined this class");
      }
      READER = parts.reader();
      WRITER = parts.writer();
    } catch (IllegalAccessException failure) {
      throw new IllegalStateException(failure);
    }
  }

  @Override
  int get(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      long room) {
    return READER.get(hash, key, keyOffset, keyLength, array, segment, at, room);
  }

  @Override
  void getAll(Batch batch) {
    READER.getAll(batch);
  }

  @Override
  long put(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long valueOffset,
      int valueLength,
      PutSpec spec) {
    return WRITER.put(hash, key, keyOffset, keyLength, array, segment, valueOffset, valueLength, spec);
  }
}
