package io.larder.chronicle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.larder.Cache;
import io.larder.Codec;
import io.larder.Larder;
import io.larder.Tier;
import io.larder.TierConformance;
import io.larder.TierFactory;
import io.larder.TierValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tier in Chronicle Map does what every tier does. */
class ChronicleTierTest extends TierConformance {
  @TempDir private Path other = Path.of("unset");

  private static TierFactory factory(Path place) {
    return ChronicleTiers.file(place.resolve("tier.chronicle"), 2L * ENTRIES, ENTRY_BYTES_AVERAGE);
  }

  @Override
  protected Tier open(Path place, LongSupplier clock) throws IOException {
    return factory(place).open(clock);
  }

  private static boolean put(Tier tier, int number) {
    TierValue value = new TierValue();
    return tier.put(new byte[] {(byte) number}, 0, 1, value.set(100, 0, 0, 0, false), () -> true);
  }

  private static boolean contains(Tier tier, int number) {
    return tier.contains(new byte[] {(byte) number}, 0, 1);
  }

  @Test
  void belongsToOneCacheAtATime() throws IOException {
    try (Tier tier = open(other, () -> 1)) {
      assertThat(put(tier, 1)).isTrue();
      assertThatThrownBy(() -> open(other, () -> 1)).isInstanceOf(IOException.class).hasMessageContaining("in use");
      assertThat(contains(tier, 1)).isTrue();
    }
    try (Tier tier = open(other, () -> 1)) {
      assertThat(contains(tier, 1)).isTrue();
    }
  }

  @Test
  void whatWasNotClosedBeforeTheMachineWasStartedAgainIsGivenUp() throws IOException {
    Path lock = other.resolve("tier.chronicle.lock");
    try (Tier tier = open(other, () -> 1)) {
      assertThat(put(tier, 1)).isTrue();
    }
    Files.writeString(lock, "00000000-0000-0000-0000-000000000000");
    try (Tier tier = open(other, () -> 1)) {
      assertThat(contains(tier, 1)).isFalse();
      assertThat(put(tier, 2)).isTrue();
    }
    Files.writeString(lock, Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip());
    try (Tier tier = open(other, () -> 1)) {
      assertThat(contains(tier, 2)).as("recovered").isTrue();
    }
  }

  @Test
  void aFileThatIsNotATiersIsRefusedAndLeftAlone() throws IOException {
    Path file = other.resolve("tier.chronicle");
    Files.writeString(file, "mine");
    assertThatThrownBy(() -> open(other, () -> 1)).isInstanceOf(IOException.class).hasMessageContaining("no tier's");
    assertThat(Files.readString(file)).isEqualTo("mine");
  }

  @Test
  void refusesAbsurdSizes() {
    assertThatIllegalArgumentException().isThrownBy(() -> ChronicleTiers.file(other, 0, 100));
    assertThatIllegalArgumentException().isThrownBy(() -> ChronicleTiers.file(other, 1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> ChronicleTiers.file(other, 1, 1 << 21));
  }

  @Test
  void isTheSecondTierOfACache() {
    try (Cache<String, String> cache =
        Larder.builder(Codec.utf8(), Codec.utf8()).memory("1MiB").tier(factory(other)).build()) {
      for (int number = 0; number < ENTRIES + ENTRIES / 2; number++) {
        cache.put("key:" + number, number + ":" + "x".repeat(200));
        if (number % 100 == 0) {
          cache.cleanUp();
        }
      }
      cache.cleanUp();
      int found = 0;
      for (int number = 0; number < ENTRIES + ENTRIES / 2; number++) {
        String value = cache.get("key:" + number);
        assertThat(value == null || value.startsWith(number + ":")).isTrue();
        found += value == null ? 0 : 1;
      }
      assertThat(found).isGreaterThan(ENTRIES);
      assertThat(String.valueOf(cache.stats().tier())).contains("degraded=false");
    }
  }
}
