package io.larder;

import static io.larder.Caches.bytes;
import static io.larder.Caches.contents;
import static io.larder.Caches.there;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One test for each kind of bad input: the message names the argument, and the cache is as it was. */
@SuppressWarnings({"NullAway", "DataFlowIssue"})
final class BadInputTest {
  private final Cache<String, String> cache = Caches.strings().build();
  private final ByteCache bytes = cache.bytes();
  private long version;
  private CacheStats before = cache.stats();

  @BeforeEach
  void put() {
    cache.put("a", "1");
    version = there(cache.getVersioned("a")).version();
    before = cache.stats();
  }

  @AfterEach
  void isAsItWas() {
    try (cache) {
      CacheStats after = cache.stats();
      assertThat(after.puts()).isEqualTo(before.puts());
      assertThat(after.removals()).isEqualTo(before.removals());
      assertThat(after.payloadBytes()).isEqualTo(before.payloadBytes());
      assertThat(contents(cache)).isEqualTo(Map.of("a", "1"));
      assertThat(there(cache.getVersioned("a")).version()).isEqualTo(version);
    }
  }

  private static void refusesNull(String name, ThrowingCallable... operations) {
    for (int i = 0; i < operations.length; i++) {
      assertThatThrownBy(operations[i])
          .as("operation %d", i)
          .isInstanceOf(NullPointerException.class)
          .hasMessage(name + " is null");
    }
  }

  @Test
  void aNullKey() {
    refusesNull(
        "key",
        () -> cache.get(null),
        () -> cache.get(null, key -> "1"),
        () -> cache.getVersioned(null),
        () -> cache.getAll(Arrays.asList("a", null)),
        () -> cache.containsKey(null),
        () -> cache.explain(null),
        () -> cache.put(null, "1"),
        () -> cache.put(null, "1", Entry.plain()),
        () -> cache.putIfAbsent(null, "1"),
        () -> cache.replace(null, "1"),
        () -> cache.replace(null, "1", "2"),
        () -> cache.replaceIfVersion(null, 1, "2"),
        () -> cache.remove(null),
        () -> cache.remove(null, "1"),
        () -> cache.removeIfVersion(null, 1),
        () -> cache.compute(null, (key, value) -> "1"),
        () -> cache.computeIfPresent(null, (key, value) -> "1"),
        () -> cache.merge(null, "1", String::concat),
        () -> cache.asMap().get(null),
        () -> cache.asMap().put(null, "1"));
    byte[] none = null;
    ByteBuffer noBuffer = null;
    MemorySegment noSegment = null;
    byte[] some = new byte[1];
    refusesNull(
        "key",
        () -> bytes.get(none),
        () -> bytes.get(none, some),
        () -> bytes.get(none, 0, 0, some, 0),
        () -> bytes.get(none, ByteBuffer.allocate(1)),
        () -> bytes.get(none, MemorySegment.ofArray(some)),
        () -> bytes.get(noSegment, MemorySegment.ofArray(some)),
        () -> bytes.get(noBuffer, ByteBuffer.allocate(1)),
        () -> bytes.read(none, view -> 1),
        () -> bytes.read(none, 1, (one, view) -> 1),
        () -> bytes.containsKey(none),
        () -> bytes.explain(none),
        () -> bytes.version(none),
        () -> bytes.put(none, some),
        () -> bytes.put(none, some, Entry.plain()),
        () -> bytes.put(none, 0, 0, some, 0, 0, Entry.plain()),
        () -> bytes.put(none, MemorySegment.ofArray(some), Entry.plain()),
        () -> bytes.put(none, ByteBuffer.allocate(1), Entry.plain()),
        () -> bytes.put(noSegment, MemorySegment.ofArray(some), Entry.plain()),
        () -> bytes.put(noBuffer, ByteBuffer.allocate(1), Entry.plain()),
        () -> bytes.putIfAbsent(none, some, Entry.plain()),
        () -> bytes.replace(none, some, Entry.plain()),
        () -> bytes.replaceIfVersion(none, 1, some, Entry.plain()),
        () -> bytes.remove(none),
        () -> bytes.remove(noBuffer),
        () -> bytes.remove(noSegment),
        () -> bytes.removeIfVersion(none, 1),
        () -> new Batch(1, 1).add(none));
  }

  @Test
  void aNullValue() {
    refusesNull(
        "value",
        () -> cache.put("a", null),
        () -> cache.put("a", null, Entry.plain()),
        () -> cache.putIfAbsent("b", null),
        () -> cache.replace("a", null),
        () -> cache.replace("a", "1", null),
        () -> cache.replaceIfVersion("a", 1, null),
        () -> cache.merge("a", null, String::concat),
        () -> cache.asMap().put("a", null),
        () -> cache.asMap().replace("a", null));
    refusesNull("expected", () -> cache.replace("a", null, "2"), () -> cache.remove("a", null));
    byte[] key = bytes("a");
    byte[] none = null;
    refusesNull(
        "value",
        () -> bytes.put(key, none),
        () -> bytes.put(key, none, Entry.plain()),
        () -> bytes.put(key, 0, 1, none, 0, 0, Entry.plain()),
        () -> bytes.put(key, (ByteBuffer) null, Entry.plain()),
        () -> bytes.put(key, (MemorySegment) null, Entry.plain()),
        () -> bytes.put(ByteBuffer.wrap(key), null, Entry.plain()),
        () -> bytes.put(MemorySegment.ofArray(key), null, Entry.plain()),
        () -> bytes.putIfAbsent(key, none, Entry.plain()),
        () -> bytes.replace(key, none, Entry.plain()),
        () -> bytes.replaceIfVersion(key, 1, none, Entry.plain()));
  }

  @Test
  void otherNulls() {
    byte[] key = bytes("a");
    refusesNull("loader", () -> cache.get("b", null));
    refusesNull("keys", () -> cache.getAll(null));
    refusesNull("entry", () -> cache.put("a", "2", null), () -> bytes.put(key, key, null));
    refusesNull(
        "function",
        () -> cache.compute("a", null),
        () -> cache.computeIfPresent("a", null),
        () -> cache.merge("a", "2", null),
        () -> cache.asMap().computeIfAbsent("b", null));
    refusesNull("reader", () -> bytes.read(key, null), () -> bytes.read(key, 1, null));
    refusesNull(
        "target",
        () -> bytes.get(key, (byte[]) null),
        () -> bytes.get(key, (ByteBuffer) null),
        () -> bytes.get(key, (MemorySegment) null),
        () -> bytes.get(ByteBuffer.wrap(key), null),
        () -> bytes.get(MemorySegment.ofArray(key), null));
    refusesNull("batch", () -> bytes.getAll(null));
    refusesNull("ttl", () -> Entry.ttl(null));
    refusesNull("timeToIdle", () -> Entry.plain().timeToIdle(null));
    refusesNull("type", () -> Codec.json(null));
  }

  private static void refuses(String message, ThrowingCallable... operations) {
    for (int i = 0; i < operations.length; i++) {
      assertThatThrownBy(operations[i])
          .as("operation %d", i)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
    }
  }

  @Test
  void aKeyOverTheLimit() {
    int limit = bytes.keyBytesMax();
    byte[] key = new byte[limit + 1];
    Arrays.fill(key, (byte) 'k');
    String text = new String(key, US_ASCII);
    byte[] value = {1};
    Batch batch = new Batch(1, 1).add(key);
    refuses(
        "key length=" + (limit + 1) + " bytes is over the limit of " + limit + " bytes",
        () -> cache.get(text),
        () -> cache.get(text, same -> "1"),
        () -> cache.getVersioned(text),
        () -> cache.getAll(List.of("a", text)),
        () -> cache.containsKey(text),
        () -> cache.explain(text),
        () -> cache.put(text, "1"),
        () -> cache.putIfAbsent(text, "1"),
        () -> cache.replace(text, "1"),
        () -> cache.replace(text, "1", "2"),
        () -> cache.remove(text),
        () -> cache.remove(text, "1"),
        () -> cache.compute(text, (same, present) -> "1"),
        () -> cache.merge(text, "1", String::concat),
        () -> bytes.get(key),
        () -> bytes.get(key, value),
        () -> bytes.get(key, 0, key.length, value, 0),
        () -> bytes.get(key, ByteBuffer.wrap(value)),
        () -> bytes.get(key, MemorySegment.ofArray(value)),
        () -> bytes.get(ByteBuffer.wrap(key), ByteBuffer.wrap(value)),
        () -> bytes.get(MemorySegment.ofArray(key), MemorySegment.ofArray(value)),
        () -> bytes.read(key, view -> 1),
        () -> bytes.getAll(batch),
        () -> bytes.containsKey(key),
        () -> bytes.explain(key),
        () -> bytes.version(key),
        () -> bytes.put(key, value),
        () -> bytes.put(key, MemorySegment.ofArray(value), Entry.plain()),
        () -> bytes.put(key, ByteBuffer.wrap(value), Entry.plain()),
        () -> bytes.put(MemorySegment.ofArray(key), MemorySegment.ofArray(value), Entry.plain()),
        () -> bytes.put(ByteBuffer.wrap(key), ByteBuffer.wrap(value), Entry.plain()),
        () -> bytes.putIfAbsent(key, value, Entry.plain()),
        () -> bytes.replace(key, value, Entry.plain()),
        () -> bytes.replaceIfVersion(key, 1, value, Entry.plain()),
        () -> bytes.remove(key),
        () -> bytes.remove(ByteBuffer.wrap(key)),
        () -> bytes.remove(MemorySegment.ofArray(key)),
        () -> bytes.removeIfVersion(key, 1));
  }

  @Test
  void theLongestKeyIsTaken() {
    byte[] key = new byte[bytes.keyBytesMax()];
    assertThat(bytes.put(key, bytes("1"))).isPositive();
    assertThat(bytes.get(key)).isEqualTo(bytes("1"));
    assertThat(bytes.remove(key)).isPositive();
    before = cache.stats();
  }

  @Test
  void aValueOverTheLimit() {
    int limit = bytes.valueBytesMax();
    byte[] value = new byte[limit + 1];
    String text = new String(value, US_ASCII);
    byte[] key = bytes("a");
    byte[] other = bytes("b");
    refuses(
        "value length=" + (limit + 1) + " bytes is over the limit of " + limit + " bytes",
        () -> cache.put("a", text),
        () -> cache.putIfAbsent("b", text),
        () -> cache.replace("a", text),
        () -> cache.replace("a", "1", text),
        () -> cache.replaceIfVersion("a", version, text),
        () -> cache.compute("a", (same, present) -> text),
        () -> cache.compute("b", (same, present) -> text),
        () -> cache.merge("a", "2", (one, two) -> text),
        () -> bytes.put(key, value),
        () -> bytes.put(key, MemorySegment.ofArray(value), Entry.plain()),
        () -> bytes.put(key, ByteBuffer.wrap(value), Entry.plain()),
        () -> bytes.put(key, ByteBuffer.allocateDirect(limit + 1), Entry.plain()),
        () -> bytes.put(MemorySegment.ofArray(key), MemorySegment.ofArray(value), Entry.plain()),
        () -> bytes.put(ByteBuffer.wrap(key), ByteBuffer.wrap(value), Entry.plain()),
        () -> bytes.putIfAbsent(other, value, Entry.plain()),
        () -> bytes.replace(key, value, Entry.plain()),
        () -> bytes.replaceIfVersion(key, version, value, Entry.plain()));
  }

  @Test
  void offsetsAndLengthsThatAreNegative() {
    byte[] array = new byte[4];
    refuses("keyOffset=-1 is negative", () -> bytes.get(array, -1, 2, array, 0));
    refuses("keyLength=-2 is negative", () -> bytes.get(array, 0, -2, array, 0));
    refuses("targetOffset=-1 is outside 0 to its 4 bytes", () -> bytes.get(array, 0, 2, array, -1));
    refuses("keyOffset=-1 is negative", () -> bytes.read(array, -1, 2, 1, (one, view) -> 1));
    refuses("keyOffset=-1 is negative", () -> bytes.containsKey(array, -1, 2));
    refuses("keyLength=-1 is negative", () -> bytes.remove(array, 0, -1));
    refuses("keyOffset=-1 is negative", () -> bytes.put(array, -1, 2, array, 0, 4, Entry.plain()));
    refuses("valueOffset=-1 is negative", () -> bytes.put(array, 0, 2, array, -1, 4, Entry.plain()));
    refuses("valueLength=-4 is negative", () -> bytes.put(array, 0, 2, array, 1, -4, Entry.plain()));
    refuses("keyOffset=-1 is negative", () -> new Batch(1, 1).add(array, -1, 1));
  }

  @Test
  void rangesBeyondTheArray() {
    byte[] array = new byte[4];
    String key = "keyOffset=3 and keyLength=2 reach beyond its 4 bytes";
    refuses(
        key,
        () -> bytes.get(array, 3, 2, array, 0),
        () -> bytes.read(array, 3, 2, 1, (one, view) -> 1),
        () -> bytes.containsKey(array, 3, 2),
        () -> bytes.remove(array, 3, 2),
        () -> bytes.put(array, 3, 2, array, 0, 4, Entry.plain()),
        () -> new Batch(1, 1).add(array, 3, 2));
    refuses(
        "valueOffset=1 and valueLength=4 reach beyond its 4 bytes",
        () -> bytes.put(array, 0, 1, array, 1, 4, Entry.plain()));
    refuses(
        "valueOffset=2147483647 and valueLength=2147483647 reach beyond its 4 bytes",
        () -> bytes.put(array, 0, 1, array, Integer.MAX_VALUE, Integer.MAX_VALUE, Entry.plain()));
    refuses("targetOffset=5 is outside 0 to its 4 bytes", () -> bytes.get(array, 0, 1, array, 5));
  }

  @Test
  void targetsThatAreReadOnly() {
    byte[] key = bytes("a");
    refuses(
        "target is read-only",
        () -> bytes.get(key, ByteBuffer.allocate(4).asReadOnlyBuffer()),
        () -> bytes.get(key, MemorySegment.ofArray(new byte[4]).asReadOnly()),
        () -> bytes.get(ByteBuffer.wrap(key), ByteBuffer.allocate(4).asReadOnlyBuffer()),
        () -> bytes.get(MemorySegment.ofArray(key), MemorySegment.ofArray(new byte[4]).asReadOnly()));
  }

  @Test
  void versionsThatAreNone() {
    byte[] key = bytes("a");
    for (long none : new long[] {0, -1, Long.MIN_VALUE}) {
      refuses(
          "expectedVersion=" + none + " is not positive, as all versions are",
          () -> cache.replaceIfVersion("a", none, "2"),
          () -> cache.removeIfVersion("a", none),
          () -> bytes.replaceIfVersion(key, none, key, Entry.plain()),
          () -> bytes.removeIfVersion(key, none));
    }
  }

  @Test
  void timesAndCostsOutsideTheLimits() {
    refuses("ttl=PT0S is not positive", () -> Entry.ttl(Duration.ZERO));
    refuses("ttl=PT-1S is not positive", () -> Entry.ttl(Duration.ofSeconds(-1)));
    refuses("timeToIdle=PT0S is not positive", () -> Entry.plain().timeToIdle(Duration.ZERO));
    refuses("timeToIdle=PT-1S is not positive", () -> Entry.plain().timeToIdle(Duration.ofSeconds(-1)));
    refuses("cost=-1 is outside 0 to 1048575", () -> Entry.plain().cost(-1));
    refuses("cost=1048576 is outside 0 to 1048575", () -> Entry.ttl(Duration.ofDays(1)).cost(1 << 20));
    assertThat(Entry.plain().cost(Entry.COST_MAX).toString()).contains("1048575");
  }

  @Test
  void batchesThatCannotBe() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Batch(0, 1)).withMessageContaining("keysMax=0");
    assertThatIllegalArgumentException().isThrownBy(() -> new Batch(1, -1)).withMessageContaining("-1");
    assertThatIllegalArgumentException().isThrownBy(() -> new Batch(1 << 20, 1 << 20)).withMessageContaining("1048576");
    assertThatThrownBy(() -> new Batch(1, 1).length(0)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aKeyOfAnotherTypeInTheMap() {
    Object other = 1;
    assertThatThrownBy(() -> cache.asMap().get(other)).isInstanceOf(ClassCastException.class);
    assertThatThrownBy(() -> cache.asMap().remove(other)).isInstanceOf(ClassCastException.class);
  }

  @Test
  void aClosedCache() {
    Cache<String, String> closed = Caches.strings().name("gone").build();
    ByteCache closedBytes = closed.bytes();
    Iterator<CacheEntry<String, String>> entries = closed.iterator();
    closed.put("a", "1");
    closed.close();
    byte[] key = bytes("a");
    byte[] room = new byte[8];
    Map<String, ThrowingCallable> operations = new LinkedHashMap<>();
    operations.put("get", () -> closed.get("a"));
    operations.put("load", () -> closed.get("a", same -> "1"));
    operations.put("getAll", () -> closed.getAll(List.of("a")));
    operations.put("getVersioned", () -> closed.getVersioned("a"));
    operations.put("containsKey", () -> closed.containsKey("a"));
    operations.put("explain", () -> closed.explain("a"));
    operations.put("bytes: explain", () -> closed.bytes().explain(key));
    operations.put("put", () -> closed.put("a", "2"));
    operations.put("putIfAbsent", () -> closed.putIfAbsent("a", "2"));
    operations.put("replace", () -> closed.replace("a", "2"));
    operations.put("replace by value", () -> closed.replace("a", "1", "2"));
    operations.put("replaceIfVersion", () -> closed.replaceIfVersion("a", 1, "2"));
    operations.put("remove", () -> closed.remove("a"));
    operations.put("remove by value", () -> closed.remove("a", "1"));
    operations.put("removeIfVersion", () -> closed.removeIfVersion("a", 1));
    operations.put("compute", () -> closed.compute("a", (same, value) -> "2"));
    operations.put("computeIfPresent", () -> closed.computeIfPresent("a", (same, value) -> "2"));
    operations.put("merge", () -> closed.merge("a", "2", String::concat));
    operations.put("clear", closed::clear);
    operations.put("iterator", closed::iterator);
    operations.put("hasNext", entries::hasNext);
    operations.put("estimatedSize", closed::estimatedSize);
    operations.put("stats", closed::stats);
    operations.put("cleanUp", closed::cleanUp);
    operations.put("map", () -> closed.asMap().size());
    operations.put("bytes get", () -> closedBytes.get(key));
    operations.put("bytes get into", () -> closedBytes.get(key, room));
    operations.put("bytes get buffer", () -> closedBytes.get(key, ByteBuffer.wrap(room)));
    operations.put("bytes get segment", () -> closedBytes.get(key, MemorySegment.ofArray(room)));
    operations.put("bytes read", () -> closedBytes.read(key, view -> 1));
    operations.put("bytes getAll", () -> closedBytes.getAll(new Batch(1, 1)));
    operations.put("bytes version", () -> closedBytes.version(key));
    operations.put("bytes put", () -> closedBytes.put(key, key));
    operations.put("bytes put buffer", () -> closedBytes.put(key, ByteBuffer.wrap(key), Entry.plain()));
    operations.put("bytes put segment", () -> closedBytes.put(key, MemorySegment.ofArray(key), Entry.plain()));
    operations.put("bytes remove", () -> closedBytes.remove(key));
    operations.put("bytes clear", closedBytes::clear);
    operations.put("bytes stats", closedBytes::stats);
    operations.put("bytes estimatedSize", closedBytes::estimatedSize);
    operations.put("bytes valueBytesMax", closedBytes::valueBytesMax);
    operations.forEach(
        (name, operation) ->
            assertThatIllegalStateException().as(name).isThrownBy(operation).withMessage("cache \"gone\" is closed"));
  }

  @Test
  void closingTwiceIsNothing() {
    Cache<String, String> twice = Caches.strings().build();
    twice.close();
    twice.close();
    twice.bytes().close();
    assertThatIllegalStateException().isThrownBy(() -> twice.get("a"));
  }

}
