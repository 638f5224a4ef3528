package io.larder;

import static io.larder.Caches.bytes;
import static io.larder.Caches.text;
import static io.larder.Caches.there;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteCacheTest {
  private static final byte[] KEY = bytes("key");

  private final ByteCache cache = Larder.builder(Codec.bytes(), Codec.bytes()).memory("16MiB").buildBytes();

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void copiesIntoArrays() {
    byte[] target = new byte[8];
    assertThat(cache.get(KEY, target)).isEqualTo(ByteCache.ABSENT);
    cache.put(KEY, bytes("value"));
    assertThat(cache.get(KEY, target)).isEqualTo(5);
    assertThat(text(target, 5)).isEqualTo("value");
    byte[] keys = bytes("a key b");
    assertThat(cache.get(keys, 2, 3, target, 3)).isEqualTo(5);
    assertThat(text(target, 8)).isEqualTo("valvalue");
  }

  @Test
  void copiesNothingWhenThereIsNoRoom() {
    cache.put(KEY, bytes("value"));
    byte[] small = {1, 2, 3, 4};
    assertThat(cache.get(KEY, small)).isEqualTo(5);
    assertThat(small).containsExactly(1, 2, 3, 4);
    byte[] array = {1, 2, 3, 4, 5, 6};
    assertThat(cache.get(KEY, 0, 3, array, 2)).isEqualTo(5);
    assertThat(array).containsExactly(1, 2, 3, 4, 5, 6);
    MemorySegment segment = MemorySegment.ofArray(small);
    assertThat(cache.get(KEY, segment)).isEqualTo(5);
    for (ByteBuffer buffer : List.of(ByteBuffer.wrap(small), ByteBuffer.allocateDirect(4))) {
      assertThat(cache.get(KEY, buffer)).isEqualTo(5);
      assertThat(buffer.position()).isZero();
    }
    assertThat(small).containsExactly(1, 2, 3, 4);
  }

  @Test
  void takesSegmentsOnAndOffTheHeap() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment key = arena.allocateFrom("key", UTF_8).asSlice(0, 3);
      MemorySegment value = arena.allocateFrom("value", UTF_8).asSlice(0, 5);
      assertThat(cache.put(key, value, Entry.plain())).isPositive();
      assertThat(cache.get(KEY)).isEqualTo(bytes("value"));
      MemorySegment target = arena.allocate(8);
      assertThat(cache.get(key, target)).isEqualTo(5);
      assertThat(target.getString(0)).isEqualTo("value");
      byte[] array = new byte[5];
      assertThat(cache.get(KEY, MemorySegment.ofArray(array))).isEqualTo(5);
      assertThat(array).isEqualTo(bytes("value"));
      assertThat(cache.put(KEY, MemorySegment.ofArray(bytes("other")), Entry.plain())).isPositive();
      assertThat(cache.remove(key)).isPositive();
      assertThat(cache.get(KEY, target)).isEqualTo(ByteCache.ABSENT);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 1_000, 1_024, 1_025, 100_000, Scratch.RETAINED_BYTES_MAX, 300_000, 3_000_000})
  void takesBuffersOfAllKindsAndSizes(int length) {
    byte[] content = new byte[length];
    for (int i = 0; i < length; i++) {
      content[i] = (byte) ((i * 31) >> 3);
    }
    ByteBuffer direct = ByteBuffer.allocateDirect(length + 5).position(2);
    direct.put(content).flip().position(2);
    for (ByteBuffer value : List.of(ByteBuffer.wrap(content), ByteBuffer.wrap(content).asReadOnlyBuffer(), direct)) {
      for (ByteBuffer key : List.of(ByteBuffer.wrap(bytes("-key-"), 1, 3).slice(), directOf("key"))) {
        cache.clear();
        int position = value.position();
        assertThat(cache.put(key, value, Entry.plain())).isPositive();
        assertThat(value.position()).isEqualTo(position);
        assertThat(key.remaining()).isEqualTo(3);
        assertThat(cache.get(KEY)).isEqualTo(content);
        assertThat(cache.put(KEY, value, Entry.plain())).isPositive();
        assertThat(cache.get(KEY)).isEqualTo(content);
        for (ByteBuffer target : List.of(ByteBuffer.allocate(length + 7), ByteBuffer.allocateDirect(length + 7))) {
          target.position(3);
          assertThat(cache.get(key, target)).isEqualTo(length);
          assertThat(target.position()).isEqualTo(3 + length);
          assertThat(bytesOf(target.flip().position(3))).isEqualTo(content);
          target.clear().position(3);
          assertThat(cache.get(KEY, target)).isEqualTo(length);
          assertThat(bytesOf(target.flip().position(3))).isEqualTo(content);
        }
        assertThat(cache.remove(key)).isPositive();
        assertThat(key.remaining()).isEqualTo(3);
      }
    }
  }

  private static ByteBuffer directOf(String text) {
    return ByteBuffer.allocateDirect(text.length()).put(bytes(text)).flip();
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    byte[] array = new byte[buffer.remaining()];
    buffer.get(array);
    return array;
  }

  @Test
  void readsInPlace() {
    cache.put(KEY, bytes("0123456789"), Entry.plain().cost(9));
    assertThat(cache.<Integer>read(KEY, ValueView::length)).isEqualTo(10);
    assertThat(cache.<Byte>read(KEY, view -> view.getByte(3))).isEqualTo((byte) '3');
    assertThat(cache.<Integer>read(KEY, view -> view.getInt(1))).isEqualTo(0x34333231);
    assertThat(cache.<Long>read(KEY, view -> view.getLong(0))).isEqualTo(0x3736353433323130L);
    assertThat(cache.<Boolean>read(KEY, view -> view.equalTo(bytes("0123456789")))).isTrue();
    assertThat(cache.<Boolean>read(KEY, view -> view.equalTo(bytes("x")))).isFalse();
    assertThat(cache.<byte[]>read(KEY, ValueView::toArray)).isEqualTo(bytes("0123456789"));
    assertThat(cache.<Integer>read(KEY, ValueView::cost)).isEqualTo(9);
    assertThat(cache.<Long>read(KEY, ValueView::version)).isEqualTo(cache.version(KEY));
    assertThat(cache.<Long>read(KEY, ValueView::expiryMillis)).isZero();
    byte[] target = new byte[4];
    cache.read(KEY, target, (array, view) -> { view.copyTo(2, array, 1, 3); return array; });
    assertThat(target).isEqualTo(new byte[] {0, '2', '3', '4'});
    MemorySegment segment = MemorySegment.ofArray(target);
    cache.read(bytes("<key>"), 1, 3, segment, (to, view) -> { view.copyTo(7, to, 0, 2); return to; });
    assertThat(segment.get(ValueLayout.JAVA_BYTE, 1)).isEqualTo((byte) '8');
    assertThat(cache.<String>read(bytes("absent"), view -> "x")).isNull();
  }

  @Test
  void aViewIsBoundsCheckedAndEndsWithItsRead() {
    cache.put(KEY, bytes("0123"));
    assertThatThrownBy(() -> cache.read(KEY, view -> view.getByte(4))).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> cache.read(KEY, view -> view.getByte(-1))).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> cache.read(KEY, view -> view.getLong(0))).isInstanceOf(IndexOutOfBoundsException.class);
    AtomicReference<ValueView> kept = new AtomicReference<>();
    cache.read(KEY, view -> { kept.set(view); return null; });
    assertThatThrownBy(() -> there(kept.get()).length())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("outside");
  }

  @Test
  void readsNest() {
    byte[] other = bytes("other");
    cache.put(KEY, bytes("1"));
    cache.put(other, bytes("22"));
    Integer sum =
        cache.read(
            KEY, view -> view.length() + there(cache.<Integer>read(other, ValueView::length)) * 10 + view.getByte(0));
    assertThat(sum).isEqualTo(1 + 20 + '1');
  }

  @Test
  void batches() {
    Batch batch = new Batch(3, 4);
    cache.put(bytes("a"), bytes("1"));
    cache.put(bytes("b"), bytes("22222"));
    batch.add(bytes("a")).add(bytes("xbx"), 1, 1).add(bytes("absent"));
    cache.getAll(batch);
    assertThat(batch.count()).isEqualTo(3);
    assertThat(batch.length(0)).isEqualTo(1);
    assertThat(batch.values()[batch.offset(0)]).isEqualTo((byte) '1');
    assertThat(batch.length(1)).isEqualTo(5).isGreaterThan(batch.valueBytesMax());
    assertThat(batch.length(2)).isEqualTo(ByteCache.ABSENT);
    assertThatThrownBy(() -> batch.add(KEY)).isInstanceOf(IllegalStateException.class).hasMessageContaining("full");
    batch.clear();
    assertThat(batch.count()).isZero();
    cache.getAll(batch);
  }

  @Test
  void saysWhatBecameOfAWrite() {
    Entry plain = Entry.plain();
    assertThat(cache.replace(KEY, bytes("x"), plain)).isEqualTo(ByteCache.ABSENT);
    assertThat(cache.replaceIfVersion(KEY, 1, bytes("x"), plain)).isEqualTo(ByteCache.ABSENT);
    assertThat(cache.removeIfVersion(KEY, 1)).isEqualTo(ByteCache.ABSENT);
    assertThat(cache.remove(KEY)).isEqualTo(ByteCache.ABSENT);
    assertThat(cache.version(KEY)).isEqualTo(ByteCache.ABSENT);
    long first = cache.putIfAbsent(KEY, bytes("1"), plain);
    assertThat(first).isPositive().isEqualTo(cache.version(KEY));
    assertThat(cache.putIfAbsent(KEY, bytes("2"), plain)).isEqualTo(ByteCache.PRESENT);
    long second = cache.replace(KEY, bytes("2"), plain);
    assertThat(second).isGreaterThan(first);
    assertThat(cache.replaceIfVersion(KEY, first, bytes("3"), plain)).isEqualTo(ByteCache.MISMATCH);
    assertThat(cache.removeIfVersion(KEY, first)).isEqualTo(ByteCache.MISMATCH);
    long third = cache.replaceIfVersion(KEY, second, bytes("3"), plain);
    assertThat(third).isGreaterThan(second);
    assertThat(cache.get(KEY)).isEqualTo(bytes("3"));
    assertThat(cache.containsKey(KEY)).isTrue();
    assertThat(cache.containsKey(bytes("akeyb"), 1, 3)).isTrue();
    assertThat(cache.removeIfVersion(KEY, third)).isEqualTo(third);
    long fourth = cache.put(bytes("akeyb"), 1, 3, bytes("value"), 1, 3, plain);
    assertThat(cache.get(KEY)).isEqualTo(bytes("alu"));
    assertThat(cache.remove(bytes("akeyb"), 1, 3)).isEqualTo(fourth);
    assertThat(cache.estimatedSize()).isZero();
  }

  @Test
  void isTheSameCache() {
    try (Cache<String, String> typed = Caches.strings().build()) {
      typed.put("a", "1");
      assertThat(typed.bytes().get(bytes("a"))).isEqualTo(bytes("1"));
      typed.bytes().put(bytes("a"), bytes("2"));
      assertThat(typed.get("a")).isEqualTo("2");
      assertThat(typed.bytes().stats().puts()).isEqualTo(2);
    }
  }
}
