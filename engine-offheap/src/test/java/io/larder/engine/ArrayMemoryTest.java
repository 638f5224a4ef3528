package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.larder.allocator.Memory;
import io.larder.allocator.SegmentMemory;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The twin does what the memory of production does. */
class ArrayMemoryTest {
  private static final int BYTES = 4096;
  private static final int OPERATIONS = 100_000;
  private static final int COPY_BYTES_MAX = 300;

  private final SplittableRandom random = TestSeed.random("ArrayMemoryTest");

  @Test
  void doesWhatTheMemoryOfSegmentsDoes() {
    ArrayMemory twin = new ArrayMemory(BYTES);
    try (SegmentMemory memory = SegmentMemory.allocate(BYTES)) {
      for (int operation = 0; operation < OPERATIONS; operation++) {
        long seed = random.nextLong();
        Object expected = operate(memory, new SplittableRandom(seed));
        assertThat(operate(twin, new SplittableRandom(seed))).as("operation of seed %d", seed).isEqualTo(expected);
      }
      assertThat(bytesOf(twin)).isEqualTo(bytesOf(memory));
    }
  }

  private static byte[] bytesOf(Memory memory) {
    byte[] bytes = new byte[BYTES];
    memory.copyOut(0, bytes, 0, BYTES);
    return bytes;
  }

  private static Object operate(Memory memory, SplittableRandom random) {
    long anywhere = random.nextInt(BYTES - 8);
    long word = anywhere & -8;
    long value = random.nextLong(-2, 2) == 0 ? random.nextLong(4) : random.nextLong();
    int length = random.nextInt(COPY_BYTES_MAX);
    int at = random.nextInt(8);
    long from = random.nextInt(BYTES / 2 - COPY_BYTES_MAX);
    byte[] bytes = new byte[COPY_BYTES_MAX + 8];
    random.nextBytes(bytes);
    switch (random.nextInt(22)) {
      case 0 -> memory.putLong(anywhere, value);
      case 1 -> memory.setLongRelease(word, value);
      case 2 -> memory.setLongOpaque(word, value);
      case 3 -> memory.putInt(anywhere, (int) value);
      case 4 -> memory.setIntRelease(anywhere & -4, (int) value);
      case 5 -> memory.putShort(anywhere, (int) value);
      case 6 -> memory.setByteOpaque(anywhere, (int) value);
      case 7 -> memory.copyIn(from, bytes, at, length);
      case 8 -> memory.copyIn(from, MemorySegment.ofArray(bytes), at, length);
      case 9 -> memory.copyOut(from, bytes, at, length);
      case 10 -> memory.copyOut(from, MemorySegment.ofArray(bytes), at, length);
      case 11 -> memory.copy(from, from + BYTES / 2, length);
      case 12 -> memory.zero(from, length);
      case 13 -> {
        return memory.getLong(anywhere);
      }
      case 14 -> {
        return memory.getLongAcquire(word) + memory.getLongOpaque(word);
      }
      case 15 -> {
        return memory.getInt(anywhere);
      }
      case 16 -> {
        return memory.getIntAcquire(anywhere & -4);
      }
      case 17 -> {
        return memory.getShort(anywhere);
      }
      case 18 -> {
        return memory.getByte(anywhere);
      }
      case 19 -> {
        return memory.compareAndSetLong(word, random.nextLong(4), value);
      }
      case 20 -> {
        return memory.getAndAddLong(word, value);
      }
      default -> {
        memory.copyOut(from, bytes, at, length);
        bytes[at + length / 2] ^= (byte) random.nextInt(2);
        return memory.matches(from, bytes, at, length);
      }
    }
    return bytes;
  }

  @Test
  void refusesWhatTheMemoryOfSegmentsRefuses() {
    ArrayMemory twin = new ArrayMemory(BYTES);
    assertThatThrownBy(() -> twin.getLong(BYTES - 7)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> twin.getByte(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> twin.copyOut(0, new byte[8], 4, 5)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatIllegalArgumentException().isThrownBy(() -> twin.getLongAcquire(4));
    twin.close();
    assertThatIllegalStateException().isThrownBy(() -> twin.getByte(0));
  }
}
