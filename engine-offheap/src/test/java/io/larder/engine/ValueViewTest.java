package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A look at a value in place, and at the copy of one that is in several blocks. */
class ValueViewTest {
  /** In one block, and in several. */
  private static final int SMALL_BYTES = 40;

  private static final int LARGE_BYTES = 50_000;

  private final TestClock clock = new TestClock();
  private final Store store =
      Store.open(StoreOptions.ofMemory(4 << 20).withPartitions(1).withClock(clock));
  private final byte[] key = {1, 2, 3};
  private final PutSpec spec = new PutSpec();

  @AfterEach
  void close() {
    store.assertValid();
    store.close();
  }

  private static byte[] value(int length, int seed) {
    byte[] value = new byte[length];
    for (int i = 0; i < length; i++) {
      value[i] = (byte) (i * 31 + seed);
    }
    return value;
  }

  private long put(byte[] ofKey, byte[] value) {
    long version = store.put(store.hash(ofKey, 0, ofKey.length), ofKey, 0, ofKey.length, value, 0, value.length, spec);
    assertThat(version).isPositive();
    return version;
  }

  private void look(byte[] ofKey, Consumer<ValueView> looker) {
    Boolean found =
        store.read(
            store.hash(ofKey, 0, ofKey.length),
            ofKey,
            0,
            ofKey.length,
            looker,
            (context, view) -> {
              context.accept(view);
              return true;
            });
    assertThat(found).isTrue();
  }

  private void assertNothingToLookAt() {
    Integer length = store.read(store.hash(key, 0, 3), key, 0, 3, this, (context, view) -> view.length());
    assertThat(length).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, SMALL_BYTES, LARGE_BYTES})
  void showsTheValueAndWhatBelongsToIt(int length) {
    byte[] value = value(length, 0);
    spec.cost(5).userFlags(1).expiryMillis(clock.millis() + 1);
    long version = put(key, value);
    look(
        key,
        view -> {
          assertThat(view.length()).isEqualTo(length);
          assertThat(view.toArray()).isEqualTo(value);
          assertThat(view.equalTo(value)).isTrue();
          assertThat(view.equalTo(Arrays.copyOf(value, length + 1))).isFalse();
          assertThat(view.info().version()).isEqualTo(version);
          assertThat(view.info().cost()).isEqualTo(5);
          assertThat(view.info().userFlags()).isEqualTo(1);
          assertThat(view.info().expiryMillis()).isEqualTo(clock.millis() + 1);
          assertThat(view.info().valueLength()).isEqualTo(length);
          if (length > 0) {
            byte[] other = value.clone();
            other[length - 1]++;
            assertThat(view.equalTo(other)).isFalse();
          }
        });
    clock.advance(1);
    assertNothingToLookAt();
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL_BYTES, LARGE_BYTES})
  void refusesWhatIsOutside(int length) {
    put(key, value(length, 0));
    byte[] target = new byte[16];
    MemorySegment segment = MemorySegment.ofArray(target);
    look(
        key,
        view -> {
          List<Runnable> outside =
              List.of(
                  () -> view.getByte(length),
                  () -> view.getByte(-1),
                  () -> view.getInt(length - 3),
                  () -> view.getInt(-1),
                  () -> view.getLong(length - 7),
                  () -> view.getLong(Integer.MAX_VALUE),
                  () -> view.copyTo(length - 3, target, 0, 4),
                  () -> view.copyTo(-1, target, 0, 4),
                  () -> view.copyTo(0, target, 14, 4),
                  () -> view.copyTo(0, target, -1, 4),
                  () -> view.copyTo(0, target, 0, -1),
                  () -> view.copyTo(length - 3, segment, 0, 4),
                  () -> view.copyTo(0, segment, 14, 4),
                  () -> view.copyTo(0, segment, -1, 4));
          for (int i = 0; i < outside.size(); i++) {
            assertThatThrownBy(outside.get(i)::run).as("access %d", i).isInstanceOf(IndexOutOfBoundsException.class);
          }
          assertThat(view.getByte(length - 1)).isEqualTo((byte) ((length - 1) * 31));
          view.copyTo(length - 4, target, 12, 4);
          byte[] end = Arrays.copyOfRange(value(length, 0), length - 4, length);
          assertThat(target).startsWith(new byte[12]).endsWith(end);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL_BYTES, LARGE_BYTES})
  void looksAtWhatTheReaderHasMadeOfTheValue(int length) {
    byte[] value = value(length, 0);
    byte[] made = value(2 * length, 7);
    long version = put(key, value);
    look(
        key,
        view -> {
          byte[] stored = view.toArray();
          System.arraycopy(made, 0, view.copyRoom(made.length), 0, made.length);
          view.bindCopy(made.length);
          assertThat(stored).isEqualTo(value);
          assertThat(view.toArray()).isEqualTo(made);
          ByteBuffer words = ByteBuffer.wrap(made).order(ByteOrder.LITTLE_ENDIAN);
          assertThat(view.getLong(length)).isEqualTo(words.getLong(length));
          assertThat(view.info().version()).isEqualTo(version);
        });
    look(key, view -> assertThat(view.toArray()).as("the next time").isEqualTo(value));
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL_BYTES, LARGE_BYTES})
  void refusesUseAfterTheRead(int length) {
    put(key, value(length, 0));
    List<ValueView> kept = new ArrayList<>();
    look(key, kept::add);
    ValueView view = kept.getFirst();
    List<Runnable> uses =
        List.of(
            view::length,
            view::info,
            view::toArray,
            () -> view.getByte(0),
            () -> view.getInt(0),
            () -> view.getLong(0),
            () -> view.copyTo(0, new byte[1], 0, 1),
            () -> view.copyTo(0, MemorySegment.ofArray(new byte[1]), 0, 1),
            () -> view.equalTo(new byte[length]));
    for (Runnable use : uses) {
      assertThatIllegalStateException().isThrownBy(use::run).withMessageContaining("outside of its read");
    }
  }

  /** A read may run inside another, to any depth; each has its own view. */
  @Test
  void nests() {
    byte[][] keys = new byte[6][];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = new byte[] {(byte) i};
      put(keys[i], value(i % 2 == 0 ? SMALL_BYTES + i : LARGE_BYTES + i, i));
    }
    lookInto(keys, 0);
    lookInto(keys, 0);
  }

  private void lookInto(byte[][] keys, int depth) {
    if (depth == keys.length) {
      return;
    }
    int length = depth % 2 == 0 ? SMALL_BYTES + depth : LARGE_BYTES + depth;
    look(
        keys[depth],
        view -> {
          assertThat(view.toArray()).isEqualTo(value(length, depth));
          lookInto(keys, depth + 1);
          assertThat(view.toArray()).isEqualTo(value(length, depth));
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL_BYTES, LARGE_BYTES})
  void handsOnWhatTheReaderThrows(int length) {
    put(key, value(length, 0));
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                look(
                    key,
                    view -> {
                      throw new IllegalStateException("the reader's own");
                    }))
        .withMessage("the reader's own");
    look(key, view -> assertThat(view.length()).isEqualTo(length));
  }

  /** A value that changes under each look is shown as a copy in the end, and what broken looks throw is forgotten. */
  @ParameterizedTest
  @ValueSource(ints = {SMALL_BYTES, LARGE_BYTES})
  void showsACopyOfWhatChangesAllTheTime(int length) {
    put(key, value(length, 0));
    int[] looks = {0};
    look(
        key,
        view -> {
          byte before = view.getByte(0);
          put(key, value(length, ++looks[0]));
          // In place the value may be another now; in a copy it is not.
          if (view.getByte(0) != before) {
            throw new IllegalStateException("the value has changed");
          }
          assertThat(view.toArray()).isEqualTo(value(length, before));
        });
    assertThat(looks[0]).isBetween(1, 40);
    look(key, view -> assertThat(view.toArray()).isEqualTo(value(length, looks[0])));
  }

  @Test
  void tellsNothingOfWhatIsNotThere() {
    assertNothingToLookAt();
    store.lease(store.hash(key, 0, 3), key, 0, 3, 0);
    assertNothingToLookAt();
  }
}
