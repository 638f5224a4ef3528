package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.larder.engine.StoreClock;
import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tier's file, and processes that want it. */
class TierRegionIpcTest {
  private static final long BYTES = 4 << 20;
  private static final Duration MOMENT = Duration.ofMillis(50);
  private static final int ENTRIES = 1000;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void name() throws IOException {
    file = directory.toRealPath().resolve("tier.larder");
  }

  private Child start(Duration wait) throws IOException {
    List<String> command = new ArrayList<>(Child.command("", file, BYTES));
    List<String> jvm = command.subList(0, command.indexOf(Worker.class.getName()));
    List<String> all = new ArrayList<>(jvm);
    all.addAll(List.of(TierWorker.class.getName(), file.toString(), Long.toString(BYTES), wait.toString()));
    return Child.start(all);
  }

  private TierRegion open(Duration wait) throws IOException {
    return TierRegion.open(file, BYTES, Worker.options(BYTES), wait);
  }

  @Test
  void isRefusedWhileAnotherProcessHasIt() throws IOException {
    try (Child owner = start(Worker.WAIT)) {
      assertThat(owner.next()).isEqualTo("open true");
      assertThat(owner.ask("put key value")).isEqualTo("stored");
      byte[] before = Files.readAllBytes(file);
      for (boolean anew : new boolean[] {false, true}) {
        assertThatExceptionOfType(RegionFileException.class)
            .isThrownBy(() -> TierRegion.open(file, BYTES, anew, Worker.options(BYTES), MOMENT, Host.THIS))
            .withMessageContainingAll(file.toString(), "found the process ", "expected nobody", "another file")
            .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.IN_USE));
      }
      assertThatExceptionOfType(RegionFileException.class)
          .isThrownBy(() -> SharedRegion.open(file, BYTES, Worker.options(BYTES), MOMENT))
          .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.KIND));
      assertThat(Files.readAllBytes(file)).as("the file").isEqualTo(before);
      assertThat(owner.ask("get key")).isEqualTo("value");
      try (Child other = start(MOMENT)) {
        assertThat(other.next()).startsWith("refused IN_USE");
      }
    }
  }

  @Test
  void waitsForAUserWhoLeaves() throws IOException {
    try (Child owner = start(Worker.WAIT)) {
      assertThat(owner.next()).isEqualTo("open true");
      assertThat(owner.ask("put key value")).isEqualTo("stored");
      CompletableFuture<String> found =
          CompletableFuture.supplyAsync(
              () -> {
                try (TierRegion tier = open(Worker.WAIT)) {
                  return Values.get(tier.store(), "key") + " " + tier.created();
                } catch (IOException refused) {
                  return refused.toString();
                }
              });
      assertThat(owner.ask("get key")).isEqualTo("value");
      assertThat(owner.ask("close")).isEqualTo("closed");
      assertThat(found.join()).isEqualTo("value false");
    }
  }

  @Test
  void killedUserDoesNotCount() throws IOException {
    for (int life = 0; life < 2; life++) {
      try (Child owner = start(Worker.WAIT)) {
        assertThat(owner.next()).isEqualTo("open " + (life == 0));
        for (int i = 0; i < ENTRIES; i++) {
          assertThat(owner.ask("put " + life + "-" + i + " " + i)).isEqualTo("stored");
        }
        owner.kill();
      }
    }
    try (TierRegion tier = open(Duration.ZERO)) {
      assertThat(tier.created()).isFalse();
      for (int i = 0; i < 2 * ENTRIES; i++) {
        String key = i / ENTRIES + "-" + i % ENTRIES;
        assertThat(Values.get(tier.store(), key)).as(key).isEqualTo(Integer.toString(i % ENTRIES));
      }
      tier.store().assertValid();
    }
  }

  @Test
  void canBeLookedIntoWhileAnotherProcessHasIt() throws IOException {
    try (Child owner = start(Worker.WAIT)) {
      assertThat(owner.next()).isEqualTo("open true");
      assertThat(owner.ask("put key value")).isEqualTo("stored");
      try (ReadOnlyRegion region = ReadOnlyRegion.inspect(file, StoreClock.SYSTEM, Worker.WAIT)) {
        assertThat(region.attachments()).singleElement().matches(one -> one.life() == AttachmentReport.Life.ALIVE);
        assertThat(Values.get(region.store(), "key")).isEqualTo("value");
      }
      assertThat(owner.ask("put key again")).isEqualTo("stored");
      assertThat(owner.ask("close")).isEqualTo("closed");
    }
  }
}
