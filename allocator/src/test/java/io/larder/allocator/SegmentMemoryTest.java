package io.larder.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Every access to memory: what it does, where it ends, and when. */
class SegmentMemoryTest {
  private static final int BYTES = 4096;
  private static final int LENGTH = 300;

  /** Longer than what is copied by words, with every remainder. */
  private static final int COPY_BYTES_MAX = 230;

  private final SegmentMemory memory = SegmentMemory.allocate(BYTES);
  private final byte[] array = new byte[LENGTH];
  private final MemorySegment segment = MemorySegment.ofArray(array);

  /** An access of so many bytes at an offset. */
  interface Access {
    void at(Memory memory, long offset, byte[] array);
  }

  record Accessor(String name, int bytes, boolean isWord, Access access) {
    static Accessor plain(String name, int bytes, Access access) {
      return new Accessor(name, bytes, false, access);
    }

    /** An access that is atomic, and so wants alignment. */
    static Accessor word(String name, int bytes, Access access) {
      return new Accessor(name, bytes, true, access);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static final List<Accessor> accessors =
      List.of(
          Accessor.plain("getLong", 8, (memory, offset, array) -> memory.getLong(offset)),
          Accessor.plain("putLong", 8, (memory, offset, array) -> memory.putLong(offset, 1)),
          Accessor.word("getLongAcquire", 8, (memory, offset, array) -> memory.getLongAcquire(offset)),
          Accessor.word("getLongOpaque", 8, (memory, offset, array) -> memory.getLongOpaque(offset)),
          Accessor.word("setLongRelease", 8, (memory, offset, array) -> memory.setLongRelease(offset, 1)),
          Accessor.word("setLongOpaque", 8, (memory, offset, array) -> memory.setLongOpaque(offset, 1)),
          Accessor.word("compareAndSetLong", 8, (memory, offset, array) -> memory.compareAndSetLong(offset, 0, 1)),
          Accessor.word("getAndAddLong", 8, (memory, offset, array) -> memory.getAndAddLong(offset, 1)),
          Accessor.plain("getInt", 4, (memory, offset, array) -> memory.getInt(offset)),
          Accessor.plain("putInt", 4, (memory, offset, array) -> memory.putInt(offset, 1)),
          Accessor.word("getIntAcquire", 4, (memory, offset, array) -> memory.getIntAcquire(offset)),
          Accessor.word("setIntRelease", 4, (memory, offset, array) -> memory.setIntRelease(offset, 1)),
          Accessor.plain("getShort", 2, (memory, offset, array) -> memory.getShort(offset)),
          Accessor.plain("putShort", 2, (memory, offset, array) -> memory.putShort(offset, 1)),
          Accessor.plain("getByte", 1, (memory, offset, array) -> memory.getByte(offset)),
          Accessor.plain("setByteOpaque", 1, (memory, offset, array) -> memory.setByteOpaque(offset, 1)),
          Accessor.plain("copyIn", 64, (memory, offset, array) -> memory.copyIn(offset, array, 0, 64)),
          Accessor.plain("copyInLong", 256, (memory, offset, array) -> memory.copyIn(offset, array, 0, 256)),
          Accessor.plain("copyInSegment", 64, (memory, offset, array) -> memory.copyIn(offset, of(array), 0, 64)),
          Accessor.plain("copyOut", 64, (memory, offset, array) -> memory.copyOut(offset, array, 0, 64)),
          Accessor.plain("copyOutLong", 256, (memory, offset, array) -> memory.copyOut(offset, array, 0, 256)),
          Accessor.plain("copyOutSegment", 64, (memory, offset, array) -> memory.copyOut(offset, of(array), 0, 64)),
          Accessor.plain("copyFrom", 64, (memory, offset, array) -> memory.copy(offset, 1024, 64)),
          Accessor.plain("copyTo", 64, (memory, offset, array) -> memory.copy(1024, offset, 64)),
          Accessor.plain("zero", 64, (memory, offset, array) -> memory.zero(offset, 64)),
          Accessor.plain("matches", 64, (memory, offset, array) -> memory.matches(offset, array, 0, 64)));

  private static MemorySegment of(byte[] array) {
    return MemorySegment.ofArray(array);
  }

  @AfterEach
  void close() {
    if (memory.segment().scope().isAlive()) {
      memory.close();
    }
  }

  @ParameterizedTest
  @FieldSource("accessors")
  void reachesFromTheFirstByteToTheLast(Accessor accessor) {
    accessor.access.at(memory, 0, array);
    accessor.access.at(memory, BYTES - accessor.bytes, array);
  }

  @ParameterizedTest
  @FieldSource("accessors")
  void refusesWhatIsOutside(Accessor accessor) {
    int step = accessor.isWord ? accessor.bytes : 1;
    for (long offset :
        new long[] {-step, BYTES - accessor.bytes + step, BYTES, 1L << 40, Long.MAX_VALUE & -step, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> accessor.access.at(memory, offset, array))
          .as("%s at %d", accessor, offset)
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @ParameterizedTest
  @FieldSource("accessors")
  void refusesWhatIsClosed(Accessor accessor) {
    memory.close();
    assertThatIllegalStateException().isThrownBy(() -> accessor.access.at(memory, 0, array));
  }

  @ParameterizedTest
  @FieldSource("accessors")
  void wordsWantAlignment(Accessor accessor) {
    if (accessor.isWord) {
      assertThatIllegalArgumentException().isThrownBy(() -> accessor.access.at(memory, 2, array));
    } else {
      accessor.access.at(memory, 3, array);
    }
  }

  @Test
  void beginsAsZerosOnAPage() {
    assertThat(memory.bytes()).isEqualTo(BYTES);
    assertThat(memory.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(new byte[BYTES]);
    assertThat(memory.segment().address() % RegionGeometry.PAGE_BYTES).isZero();
  }

  @Test
  void wordsAreLittleEndian() {
    memory.putLong(3, 0x0102030405060708L);
    assertThat(memory.getByte(3)).isEqualTo(8);
    assertThat(memory.getInt(3)).isEqualTo(0x05060708);
    assertThat(memory.getShort(9)).isEqualTo(0x0102);
    memory.setLongRelease(16, 0x1122334455667788L);
    assertThat(memory.getInt(16)).isEqualTo(0x55667788);
    memory.setIntRelease(20, 0x01020304);
    assertThat(memory.getLongAcquire(16)).isEqualTo(0x0102030455667788L);
  }

  @Test
  void everyModeSeesTheSameWord() {
    long word = 0x8877665544332211L;
    memory.putLong(8, word);
    assertThat(memory.getLong(8)).isEqualTo(word);
    assertThat(memory.getLongAcquire(8)).isEqualTo(word);
    assertThat(memory.getLongOpaque(8)).isEqualTo(word);
    memory.setLongOpaque(8, 5);
    assertThat(memory.getLong(8)).isEqualTo(5);
    memory.setLongRelease(8, 6);
    assertThat(memory.getLong(8)).isEqualTo(6);
    memory.putInt(12, 7);
    assertThat(memory.getInt(12)).isEqualTo(7);
    assertThat(memory.getIntAcquire(12)).isEqualTo(7);
    memory.setIntRelease(12, 8);
    assertThat(memory.getInt(12)).isEqualTo(8);
    assertThat(memory.getInt(8)).isEqualTo(6);
  }

  @Test
  void shortAndByteAreUnsignedAndDisturbNothing() {
    memory.putLong(0, -1);
    memory.putShort(3, 0x18000);
    assertThat(memory.getShort(3)).isEqualTo(0x8000);
    memory.setByteOpaque(6, 0x1FE);
    assertThat(memory.getByte(6)).isEqualTo(0xFE);
    assertThat(memory.getLong(0)).isEqualTo(0xFFFE_FF80_00FF_FFFFL);
  }

  @Test
  void comparesAndSets() {
    assertThat(memory.compareAndSetLong(24, 0, 9)).isTrue();
    assertThat(memory.compareAndSetLong(24, 0, 10)).isFalse();
    assertThat(memory.getLong(24)).isEqualTo(9);
    assertThat(memory.getAndAddLong(24, -10)).isEqualTo(9);
    assertThat(memory.getLong(24)).isEqualTo(-1);
  }

  @Test
  void copiesInAndOutAtEveryLengthAndAlignment() {
    SplittableRandom random = TestSeed.random("SegmentMemoryTest");
    byte[] expected = new byte[BYTES];
    random.nextBytes(expected);
    memory.copyIn(0, expected, 0, BYTES);
    byte[] source = new byte[LENGTH];
    for (int length = 0; length <= COPY_BYTES_MAX; length++) {
      int at = random.nextInt(64);
      int offset = 1024 + random.nextInt(64);
      random.nextBytes(source);
      System.arraycopy(source, at, expected, offset, length);
      switch (random.nextInt(3)) {
        case 0 -> memory.copyIn(offset, source, at, length);
        case 1 -> memory.copyShortIn(offset, source, at, length);
        default -> memory.copyIn(offset, MemorySegment.ofArray(source), at, length);
      }
      assertThat(memory.segment().toArray(ValueLayout.JAVA_BYTE)).as("length %d", length).isEqualTo(expected);

      byte[] surroundings = new byte[LENGTH];
      random.nextBytes(surroundings);
      System.arraycopy(surroundings, 0, array, 0, LENGTH);
      if (random.nextBoolean()) {
        memory.copyOut(offset, array, at, length);
      } else {
        memory.copyOut(offset, segment, at, length);
      }
      System.arraycopy(source, at, surroundings, at, length);
      assertThat(array).as("length %d", length).isEqualTo(surroundings);
    }
  }

  /** Short copies go by words that overlap: none of them may reach beyond the bytes. */
  @Test
  void shortCopiesTouchTheirBytesOnly() {
    SplittableRandom random = TestSeed.random("SegmentMemoryTest");
    for (int length = 0; length <= 70; length++) {
      for (int at = 0; at < 9; at++) {
        byte[] source = new byte[at + length];
        random.nextBytes(source);
        byte[] expected = new byte[BYTES];
        random.nextBytes(expected);
        memory.copyIn(0, expected, 0, BYTES);
        int offset = 1024 + at * 3;
        System.arraycopy(source, at, expected, offset, length);
        memory.copyShortIn(offset, source, at, length);
        assertThat(memory.segment().toArray(ValueLayout.JAVA_BYTE)).as("length %d at %d", length, at)
            .isEqualTo(expected);
        memory.copyShortIn(BYTES - length, source, at, length);
        assertThat(memory.matches(BYTES - length, source, at, length)).isTrue();
      }
    }
  }

  @Test
  void copiesAndZeroesInside() {
    byte[] expected = new byte[BYTES];
    TestSeed.random("SegmentMemoryTest").nextBytes(expected);
    memory.copyIn(0, expected, 0, BYTES);
    memory.copy(100, 2001, 333);
    System.arraycopy(expected, 100, expected, 2001, 333);
    memory.zero(77, 19);
    Arrays.fill(expected, 77, 77 + 19, (byte) 0);
    assertThat(memory.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected);
  }

  @Test
  void matchesOnlyEqualBytes() {
    SplittableRandom random = TestSeed.random("SegmentMemoryTest");
    for (int length = 0; length <= 80; length++) {
      for (int at = 0; at < 9; at++) {
        // Nothing behind the bytes, so that none is read there.
        byte[] other = new byte[at + length];
        random.nextBytes(other);
        int offset = random.nextBoolean() ? 512 + random.nextInt(16) : BYTES - length;
        memory.copyIn(offset, other, at, length);
        assertThat(memory.matches(offset, other, at, length)).as("length %d at %d", length, at).isTrue();
        for (int wrong = 0; wrong < length; wrong++) {
          other[at + wrong] ^= (byte) (1 << random.nextInt(8));
          assertThat(memory.matches(offset, other, at, length)).as("byte %d of %d", wrong, length).isFalse();
          memory.copyIn(offset, other, at, length);
        }
      }
    }
  }

  static final List<ByteOrder> orders = List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);

  /** The order of a caller's buffer is its own business: bytes are copied as they are. */
  @ParameterizedTest
  @FieldSource("orders")
  void bytesHaveNoOrder(ByteOrder order) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(8).order(order);
    buffer.put(0, (byte) 1);
    memory.copyIn(0, MemorySegment.ofBuffer(buffer), 0, 8);
    assertThat(memory.getByte(0)).isEqualTo(1);
    assertThat(memory.getLong(0)).isEqualTo(1);
  }

  @Test
  void closesTheArenaThatItWasGiven() {
    Arena arena = Arena.ofShared();
    MemorySegment given = arena.allocate(64, 8);
    SegmentMemory over = new SegmentMemory(given, arena);
    over.putLong(0, 42);
    assertThat(given.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(42);
    over.close();
    assertThat(given.scope().isAlive()).isFalse();
  }
}
