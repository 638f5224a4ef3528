package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.mmap.Child.Opened;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * JVMs that are all process 1, each in a namespace of its own as in a container, on one file. Skipped, with the reason,
 * where that is not permitted.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessNamespaceIpcTest {
  private static final long BYTES = 16 << 20;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void name() throws IOException {
    file = directory.toRealPath().resolve("region.larder");
    Namespace.assumePermitted(Namespace.asProcessOne(List.of("true")));
  }

  private Child start(String what, long bytes) throws IOException {
    return Child.start(Namespace.asProcessOne(Child.command(what, file, bytes)));
  }

  private int pidInTheFile(int slot) throws IOException {
    ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.read(word, FileLayout.attachmentOffset(slot) + AttachmentLayout.PID_OFFSET);
    }
    return word.getInt(0);
  }

  @Test
  void survivorRepairsWhatAnotherProcessOneLeftLocked() throws IOException {
    try (Child survivor = start("serve", BYTES);
        Child victim = start("stuck", BYTES)) {
      Opened opened = victim.opened();
      assertThat(survivor.opened().slot() + opened.slot()).as("two slots").isEqualTo(1);
      String[] here = survivor.ask("whoami").split(" ", -1);
      String[] there = victim.ask("whoami").split(" ", -1);
      System.out.println("survivor: " + String.join(" ", here) + ", victim: " + String.join(" ", there));
      assertThat(List.of(here[0], there[0])).as("process numbers").containsOnly("1");
      assertThat(here[1]).as("namespace of the other").startsWith("pid:[").isNotEqualTo(there[1]);
      assertThat(List.of(pidInTheFile(0), pidInTheFile(1))).containsOnly(1);

      assertThat(victim.ask("put key first")).isEqualTo("stored");
      assertThat(victim.ask("put key second")).isEqualTo("locked");
      assertThat(survivor.ask("dead " + opened.token())).isEqualTo("false");
      assertThat(survivor.ask("get key")).isIn("first", "second");
      victim.killWithin();

      // What liveness by process numbers would be told: 1 is the asker itself.
      assertThat(survivor.ask("running 1")).isEqualTo("true");
      assertThat(survivor.ask("dead " + opened.token())).isEqualTo("true");
      assertThat(survivor.ask("everywhere")).isEqualTo("stored");
      assertThat(survivor.ask("repairs")).isEqualTo("1");
      assertThat(survivor.ask("get key")).isIn("first", "second");
      assertThat(survivor.ask("valid")).isEqualTo("valid");

      try (Child next = start("serve", 0)) {
        Opened again = next.opened();
        assertThat(again.slot()).as("the slot of the dead").isEqualTo(opened.slot());
        assertThat(again.epoch()).isEqualTo(opened.epoch() + 1);
        assertThat(next.ask("put key third")).isEqualTo("stored");
        assertThat(survivor.ask("get key")).isEqualTo("third");
      }
    }
  }

  /** While it holds the lock, and is seen to live, nothing is taken from it. */
  @Test
  void nobodyTakesALockFromAnotherProcessOneThatLives() throws IOException {
    try (Child waiter = start("serve", BYTES);
        Child holder = start("stuck", BYTES)) {
      waiter.opened();
      Opened opened = holder.opened();
      assertThat(holder.ask("put key first")).isEqualTo("stored");
      assertThat(holder.ask("put key second")).isEqualTo("locked");
      for (int i = 0; i < 10; i++) {
        assertThat(waiter.ask("dead " + opened.token())).isEqualTo("false");
      }
      assertThat(waiter.ask("repairs")).isEqualTo("0");
      holder.tell("go on");
      assertThat(holder.next()).isEqualTo("stored");
      assertThat(waiter.ask("get key")).isEqualTo("second");
      assertThat(waiter.ask("everywhere")).isEqualTo("stored");
      assertThat(waiter.ask("repairs")).isEqualTo("0");
      assertThat(waiter.ask("valid")).isEqualTo("valid");
    }
  }
}
