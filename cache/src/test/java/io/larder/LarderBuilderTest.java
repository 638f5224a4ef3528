package io.larder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.larder.allocator.RegionGeometry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LarderBuilderTest {
  private static final Executor DIRECT = Runnable::run;

  private static CacheBuilder<String, byte[]> builder() {
    return Larder.builder(Codec.utf8(), Codec.bytes());
  }

  @ParameterizedTest
  @CsvSource({
    "512MiB, 536870912",
    "4GiB, 4294967296",
    "4 GiB, 4294967296",
    "1TiB, 1099511627776",
    "2048KiB, 2097152",
    "1048576, 1048576",
    "1048576B, 1048576",
  })
  void readsSizes(String text, long bytes) {
    assertThat(MemorySize.parse(text)).isEqualTo(bytes);
    assertThat(builder().memory(text).settings().memoryBytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MiB", "512MB", "512M", "1.5GiB", "-1GiB", "512mib", "1 2MiB", "0x10", "512  MiB"})
  void refusesWhatIsNotASize(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().memory(text))
        .withMessageContaining("memory=\"" + text + "\"")
        .withMessageContaining("512MiB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9999999999GiB", "9999999999999999999", "9223372036854775807KiB"})
  void refusesSizesThatOverflow(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().memory(text))
        .withMessageContaining("memory=\"" + text + "\"");
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, (1 << 20) - 1, (1L << 42) + 1, Long.MAX_VALUE})
  void refusesMemoryOutsideTheLimits(long bytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().memory(bytes))
        .withMessage("memory=" + bytes + " bytes is outside 1048576 (1MiB) to 4398046511104 (4TiB)");
  }

  @Test
  void wantsMemory() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().build())
        .withMessageStartingWith("memory is not given");
  }

  @Test
  void takesEachOptionOnceAndNamesBothValues() {
    refusesSecond("memory", "1048576", "2097152", b -> b.memory("1MiB"), b -> b.memory(2 << 20));
    refusesSecond(
        "expireAfterWrite",
        "PT1S",
        "PT2S",
        b -> b.expireAfterWrite(Duration.ofSeconds(1)),
        b -> b.expireAfterWrite(Duration.ofSeconds(2)));
    refusesSecond(
        "expireAfterAccess",
        "PT1S",
        "PT1S",
        b -> b.expireAfterAccess(Duration.ofSeconds(1)),
        b -> b.expireAfterAccess(Duration.ofSeconds(1)));
    refusesSecond("name", "a", "b", b -> b.name("a"), b -> b.name("b"));
    refusesSecond("recordStats", "true", "false", b -> b.recordStats(true), b -> b.recordStats(false));
    refusesSecond("verifyReads", "true", "true", b -> b.verifyReads(true), b -> b.verifyReads(true));
    refusesSecond("hugePages", "false", "true", b -> b.hugePages(false), b -> b.hugePages(true));
    refusesSecond("lockMemory", "false", "true", b -> b.lockMemory(false), b -> b.lockMemory(true));
    refusesSecond("executor", "", "", b -> b.executor(DIRECT), b -> b.executor(DIRECT));
    refusesSecond("clock", "", "", b -> b.clock(() -> 1), b -> b.clock(() -> 2));
    RemovalListener<String, byte[]> listener = (key, value, cause) -> {};
    refusesSecond("removalListener", "", "", b -> b.removalListener(listener), b -> b.removalListener(listener));
  }

  private interface Option {
    void set(CacheBuilder<String, byte[]> builder);
  }

  private static void refusesSecond(String name, String first, String second, Option once, Option again) {
    CacheBuilder<String, byte[]> builder = builder();
    once.set(builder);
    assertThatIllegalStateException()
        .isThrownBy(() -> again.set(builder))
        .withMessageStartingWith(name + " is given twice: " + first)
        .withMessageContaining(" and " + second);
  }

  @Test
  void refusesAnExecutorWithNothingToDo() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().memory("1MiB").executor(DIRECT).build())
        .withMessageContaining("executor=")
        .withMessageContaining("removalListener");
  }

  @Test
  void refusesTimesThatAreNotPositive() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().expireAfterWrite(Duration.ZERO))
        .withMessage("expireAfterWrite=PT0S is not positive");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().expireAfterWrite(Duration.ofMillis(-5)))
        .withMessage("expireAfterWrite=PT-0.005S is not positive");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().expireAfterAccess(Duration.ZERO))
        .withMessage("expireAfterAccess=PT0S is not positive");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().expireAfterAccess(Duration.ofNanos(-1)))
        .withMessage("expireAfterAccess=PT-0.000000001S is not positive");
  }

  @Test
  @SuppressWarnings("NullAway")
  void refusesNull() {
    assertThatNullPointerException().isThrownBy(() -> Larder.builder(null, Codec.bytes())).withMessage("keys is null");
    assertThatNullPointerException()
        .isThrownBy(() -> Larder.builder(Codec.bytes(), null))
        .withMessage("values is null");
    assertThatNullPointerException().isThrownBy(() -> builder().memory(null)).withMessage("memory is null");
    assertThatNullPointerException().isThrownBy(() -> builder().name(null)).withMessage("name is null");
    assertThatNullPointerException().isThrownBy(() -> builder().executor(null)).withMessage("executor is null");
    assertThatNullPointerException().isThrownBy(() -> builder().clock(null)).withMessage("clock is null");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().removalListener(null))
        .withMessage("removalListener is null");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().expireAfterWrite(null))
        .withMessage("expireAfterWrite is null");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().expireAfterAccess(null))
        .withMessage("expireAfterAccess is null");
  }

  @Test
  void refusesABlankName() {
    assertThatIllegalArgumentException().isThrownBy(() -> builder().name(" ")).withMessage("name=\" \" is blank");
  }

  @Test
  void buildsOneCache() {
    CacheBuilder<String, byte[]> builder = builder().memory("1MiB");
    builder.build().close();
    assertThatIllegalStateException().isThrownBy(builder::build).withMessageContaining("has built");
  }

  @Test
  void refusesMoreMemoryThanThereIsAndLeavesNoThread() {
    assumeThat(MachineMemory.bytes()).isLessThan(RegionGeometry.REGION_BYTES_MAX);
    assertThatExceptionOfType(CacheException.class)
        .isThrownBy(() -> builder().memory("4TiB").name("huge").build())
        .withMessageContaining("\"huge\": memory=4398046511104 bytes (4TiB) is more than")
        .satisfies(refused -> assertThat(refused.code()).isEqualTo(CacheException.Code.MEMORY_UNAVAILABLE));
    assertThat(threadNames()).doesNotContain("larder-huge");
  }

  @Test
  void logsTheSettingsAndNamesTheThread() {
    Logger logger = Logger.getLogger("io.larder");
    StringBuilder log = new StringBuilder();
    Handler handler =
        new Handler() {
          @Override
          public synchronized void publish(LogRecord entry) {
            log.append(Arrays.toString(entry.getParameters())).append(entry.getMessage()).append('\n');
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    logger.setLevel(Level.FINE);
    try (Cache<String, byte[]> cache =
        builder().memory("1MiB").name("users").expireAfterWrite(Duration.ofMinutes(1)).lockMemory(true).build()) {
      assertThat(cache.estimatedSize()).isZero();
      assertThat(threadNames()).contains("larder-users");
    } finally {
      logger.removeHandler(handler);
      logger.setLevel(null);
    }
    assertThat(log.toString())
        .contains("cache \"users\": memory=1MiB expireAfterWrite=60000 ms recordStats=true verifyReads=false")
        .contains("hugePages=true lockMemory=true");
    assertThat(threadNames()).doesNotContain("larder-users");
  }

  private static List<String> threadNames() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
  }

  @Test
  void buildsTheBytesAlone() {
    try (ByteCache cache = builder().memory("1MiB").buildBytes()) {
      cache.put(Caches.bytes("a"), Caches.bytes("1"));
      assertThat(cache.get(Caches.bytes("a"))).isEqualTo(Caches.bytes("1"));
    }
  }
}
