package io.larder;

import static io.larder.Caches.bytes;
import static io.larder.Caches.contents;
import static io.larder.Caches.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CodecTest {

  private static <T> byte[] encode(Codec<T> codec, T value) {
    ByteOutput output = new ByteOutput(4);
    codec.encode(value, output);
    return Arrays.copyOf(output.array(), output.length());
  }

  private static <T> T decode(Codec<T> codec, byte[] bytes) {
    byte[] shifted = new byte[bytes.length + 7];
    System.arraycopy(bytes, 0, shifted, 3, bytes.length);
    return codec.decode(shifted, 3, bytes.length);
  }

  // ---- UTF-8

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "user:1",
        "\u0000\u007F",
        "\u0080\u07FF",
        "\u0800\uD7FF\uE000\uFFFF",
        "\uD800\uDC00\uDBFF\uDFFF",
        "a\u00E9b\u20ACc\uD83D\uDE00d",
        "\uFFFD is itself"
      })
  void writesStringsAsTheJdkDoes(String value) {
    byte[] encoded = encode(Codec.utf8(), value);
    assertThat(encoded).isEqualTo(value.getBytes(StandardCharsets.UTF_8));
    assertThat(decode(Codec.utf8(), encoded)).isEqualTo(value);
  }

  @Test
  void writesRandomStringsAsTheJdkDoes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      StringBuilder value = new StringBuilder();
      int length = random.nextInt(300);
      for (int i = 0; i < length; i++) {
        int point = random.nextInt(1 << (round % 3 == 0 ? 7 : 1 + random.nextInt(20)));
        value.appendCodePoint(point >= 0xD800 && point < 0xE000 ? 'x' : point);
      }
      byte[] encoded = encode(Codec.utf8(), value.toString());
      assertThat(encoded).as("seed %d", seed).isEqualTo(value.toString().getBytes(StandardCharsets.UTF_8));
      assertThat(decode(Codec.utf8(), encoded)).as("seed %d", seed).isEqualTo(value.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void refusesHalvesOfSurrogatePairs(int index) {
    String value = List.of("\uD800", "a\uD800b", "a\u00E9\uDC00\uD800").get(index);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> encode(Codec.utf8(), value))
        .withMessageContaining("index=" + index);
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    for (String wrong : List.of("FF", "61C3", "C080", "EDA080")) {
      byte[] bytes = HexFormat.of().parseHex(wrong);
      assertThatIllegalArgumentException().isThrownBy(() -> decode(Codec.utf8(), bytes));
    }
  }

  // ---- longs and arrays

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x0102030405060708L})
  void writesLongs(long value) {
    assertThat(encode(Codec.int64(), value)).hasSize(8).startsWith((byte) value);
    assertThat(decode(Codec.int64(), encode(Codec.int64(), value))).isEqualTo(value);
  }

  @Test
  void refusesBytesThatAreNotALong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> decode(Codec.int64(), new byte[7]))
        .withMessageContaining("length=7");
    assertThatIllegalArgumentException().isThrownBy(() -> decode(Codec.int64(), new byte[9]));
  }

  @Test
  void writesArraysAsTheyAre() {
    byte[] value = {1, 2, 3};
    assertThat(encode(Codec.bytes(), value)).isEqualTo(value);
    assertThat(decode(Codec.bytes(), value)).isEqualTo(value).isNotSameAs(value);
  }

  // ---- JSON

  record Point(int x, int y) {}

  record Person(String name, List<Point> visited, Map<String, Long> scores) {}

  record RenamedPoint(int x, int z) {}

  record LargerPoint(int x, int y, int z) {}

  @Test
  void writesRecordsAsJson() {
    Codec<Person> codec = Codec.json(Person.class);
    Person person = new Person("J\u00F6rg", List.of(new Point(1, 2), new Point(3, 4)), Map.of("b", 2L, "a", 1L));
    assertThat(decode(codec, encode(codec, person))).isEqualTo(person);
    try (Cache<Point, Person> cache = Larder.builder(Codec.json(Point.class), codec).memory("2MiB").build()) {
      cache.put(new Point(1, 2), person);
      assertThat(cache.get(new Point(1, 2))).isEqualTo(person);
      assertThat(cache.get(new Point(2, 1))).isNull();
      assertThat(cache.replace(new Point(1, 2), person, new Person("x", List.of(), Map.of()))).isTrue();
      assertThat(contents(cache)).containsOnlyKeys(new Point(1, 2));
    }
  }

  @Test
  void equalMapsHaveEqualJson() {
    Codec<Person> codec = Codec.json(Person.class);
    Map<String, Long> one = new LinkedHashMap<>();
    one.put("a", 1L);
    one.put("b", 2L);
    Map<String, Long> other = new LinkedHashMap<>();
    other.put("b", 2L);
    other.put("a", 1L);
    assertThat(encode(codec, new Person("p", List.of(), one)))
        .isEqualTo(encode(codec, new Person("p", List.of(), other)));
  }

  @Test
  void jsonOfAnotherSchemaIsRefused() {
    byte[] point = encode(Codec.json(Point.class), new Point(1, 2));
    assertThatThrownBy(() -> decode(Codec.json(RenamedPoint.class), point)).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> decode(Codec.json(LargerPoint.class), point)).isInstanceOf(RuntimeException.class);
    for (String wrong : List.of("{\"x\":1,\"y\":2}{", "{\"x\":1,\"y\":null}", "null", "", "[]")) {
      assertThatThrownBy(() -> decode(Codec.json(Point.class), bytes(wrong))).isInstanceOf(RuntimeException.class);
    }
  }

  @Test
  void saysThatJacksonIsMissing() throws Exception {
    List<URL> urls = new ArrayList<>();
    String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
    for (String entry : entries) {
      if (!entry.contains("jackson")) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    try (URLClassLoader without = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> codec = without.loadClass(Codec.class.getName());
      assertThat(codec.getMethod("utf8").invoke(null)).isNotNull();
      assertThatThrownBy(() -> codec.getMethod("json", Class.class).invoke(null, String.class))
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("tools.jackson.core:jackson-databind");
    }
  }

  // ---- codecs that fail

  /** Text that begins with the schema's number; other numbers cannot be decoded, and "bad" cannot be encoded. */
  private record Versioned(int schema) implements Codec<String> {
    @Override
    public void encode(String value, ByteOutput target) {
      target.write(schema);
      target.write(bytes(value));
      if (value.equals("bad")) {
        throw new IllegalArgumentException("bad value");
      }
    }

    @Override
    public String decode(byte[] source, int offset, int length) {
      if (length == 0 || source[offset] != schema) {
        throw new IllegalArgumentException("another schema");
      }
      return new String(source, offset + 1, length - 1, StandardCharsets.UTF_8);
    }
  }

  @Test
  void aCodecThatThrowsLeavesTheCacheAsItWas() {
    try (Cache<String, String> cache = Larder.builder(new Versioned(1), new Versioned(2)).memory("2MiB").build()) {
      cache.put("a", "1");
      long version = there(cache.getVersioned("a")).version();
      List<Runnable> failing =
          List.of(
              () -> cache.put("a", "bad"),
              () -> cache.put("bad", "1"),
              () -> cache.get("bad"),
              () -> cache.get("bad", key -> "1"),
              () -> cache.get("b", key -> "bad"),
              () -> cache.putIfAbsent("b", "bad"),
              () -> cache.replace("a", "bad"),
              () -> cache.replace("a", "1", "bad"),
              () -> cache.replace("a", "bad", "2"),
              () -> cache.replaceIfVersion("a", version, "bad"),
              () -> cache.remove("bad"),
              () -> cache.remove("a", "bad"),
              () -> cache.compute("a", (key, value) -> "bad"),
              () -> cache.computeIfPresent("a", (key, value) -> "bad"),
              () -> cache.merge("a", "2", (one, other) -> "bad"),
              () -> cache.getAll(List.of("a", "bad")));
      for (Runnable operation : failing) {
        assertThatIllegalArgumentException().isThrownBy(operation::run).withMessage("bad value");
      }
      assertThat(contents(cache)).isEqualTo(Map.of("a", "1"));
      assertThat(there(cache.getVersioned("a")).version()).isEqualTo(version);
      assertThat(cache.estimatedSize()).isOne();
    }
  }

  @Test
  void whatCannotBeDecodedIsAMissAndCounted() {
    try (Cache<String, String> cache = Larder.builder(Codec.utf8(), new Versioned(2)).memory("2MiB").build()) {
      ByteCache bytes = cache.bytes();
      byte[] key = bytes("a");
      bytes.put(key, bytes("\u0001old"));
      assertThat(cache.get("a")).isNull();
      assertThat(cache.getVersioned("a")).isNull();
      assertThat(cache.getAll(List.of("a"))).isEmpty();
      assertThat(cache.iterator()).isExhausted();
      CacheStats stats = cache.stats();
      assertThat(stats.decodeFailures()).isEqualTo(4);
      assertThat(stats.corruptions()).isZero();
      assertThat(stats.hits()).isZero();
      assertThat(cache.remove("a", "old")).isFalse();
      assertThat(cache.computeIfPresent("a", (same, value) -> "x")).isNull();
      assertThat(cache.get("a", same -> "loaded")).isEqualTo("loaded");
      assertThat(cache.get("a")).isEqualTo("loaded");
      bytes.put(key, bytes("\u0001old"));
      assertThat(cache.compute("a", (same, value) -> value + "!")).isEqualTo("null!");
      bytes.put(key, bytes("\u0001old"));
      assertThat(cache.merge("a", "merged", String::concat)).isEqualTo("merged");
      assertThat(cache.get("a")).isEqualTo("merged");
      bytes.put(key, bytes("\u0001old"));
      assertThat(cache.compute("a", (same, value) -> value)).isNull();
      assertThat(bytes.containsKey(key)).isFalse();
    }
  }

  @Test
  void aKeyThatCannotBeDecodedIsLeftOutOfIteration() {
    try (Cache<Long, String> cache = Larder.builder(Codec.int64(), Codec.utf8()).memory("2MiB").build()) {
      cache.put(1L, "1");
      cache.bytes().put(bytes("odd"), bytes("2"));
      assertThat(contents(cache)).isEqualTo(Map.of(1L, "1"));
      assertThat(cache.stats().decodeFailures()).isOne();
    }
  }

  @Test
  void aRemovalThatCannotBeDecodedIsCounted() throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    try (Cache<String, String> cache =
        Larder.builder(Codec.utf8(), new Versioned(2))
            .memory("2MiB")
            .removalListener((key, value, cause) -> told.add(value))
            .build()) {
      cache.bytes().put(bytes("a"), bytes("\u0001old"));
      cache.put("a", "new");
      cache.remove("a");
      assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("new");
      assertThat(cache.stats().decodeFailures()).isOne();
    }
  }

  // ---- the output

  @Test
  void anOutputGrows() throws IOException {
    ByteOutput output = new ByteOutput(2);
    try (output) {
      output.write(1);
      output.write(new byte[] {2, 3});
      output.write(new byte[] {3, 4, 5}, 1, 1);
      output.writeInt(0x08070605);
      output.writeLong(0x100F0E0D0C0B0A09L);
      byte[] room = output.reserve(3);
      room[output.length()] = 17;
      output.advance(1);
    }
    assertThat(Arrays.copyOf(output.array(), output.length()))
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17);
    assertThatIllegalArgumentException().isThrownBy(() -> output.reserve(-1)).withMessage("count=-1 is negative");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> output.reserve(Integer.MAX_VALUE))
        .withMessageContaining("over the limit");
    assertThatIllegalArgumentException().isThrownBy(() -> output.advance(1_000)).withMessageContaining("count=1000");
    assertThatIllegalArgumentException().isThrownBy(() -> output.advance(-1));
  }

  @Test
  void anOutputNeverWritesToWhatItHasBorrowed() {
    byte[] theirs = {1, 2, 3};
    ByteOutput output = new ByteOutput(64);
    Codec.bytes().encode(theirs, output);
    output.write(4);
    output.array()[0] = 9;
    assertThat(theirs).containsExactly(1, 2, 3);
    output.clear();
    Codec.bytes().encode(theirs, output);
    output.own();
    output.array()[0] = 9;
    assertThat(theirs).containsExactly(1, 2, 3);
    assertThat(output.length()).isEqualTo(3);
  }

  @Test
  void anOutputGivesBackWhatHasGrown() {
    ByteOutput output = new ByteOutput(8);
    output.write(new byte[1_000]);
    output.reset(1_024);
    assertThat(output.array()).hasSize(1_000);
    output.write(new byte[2_000]);
    output.reset(1_024);
    assertThat(output.array()).hasSize(8);
  }
}
