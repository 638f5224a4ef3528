package io.larder.nativeaccess;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NoNativeAccessTest {
  private final Logger logger = Logger.getLogger("io.larder.nativeaccess");
  private final Recorder recorder = new Recorder();
  private final MemorySegment segment = Arena.ofAuto().allocate(100);

  @BeforeEach
  void listen() {
    logger.addHandler(recorder);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void stopListening() {
    logger.removeHandler(recorder);
    logger.setUseParentHandlers(true);
  }

  @Test
  void saysWhyOnceAndOnlyWhenAsked() {
    NativeAccess twin = new NoNativeAccess("it's {absent}");
    assertThat(recorder.messages).isEmpty();

    assertThat(twin.lock(segment)).isEqualTo(NativeResult.unavailable("it's {absent}"));
    assertThat(twin.collapse(segment)).isEqualTo(NativeResult.unavailable("it's {absent}"));
    assertThat(twin.residentBytes(segment)).isEqualTo(NativeAccess.UNKNOWN_BYTES);

    assertThat(recorder.messages)
        .singleElement()
        .asString()
        .startsWith("INFO ")
        .contains("unavailable: it's {absent}. Larder works without them.");
  }

  @Test
  void saysNothingWhenSwitchedOff() {
    assertThat(NativeAccess.none().lock(segment).detail()).contains("switched off");
    assertThat(recorder.messages).isEmpty();
  }

  private static final class Recorder extends Handler {
    private final List<String> messages = new ArrayList<>();

    Recorder() {
      setLevel(Level.ALL);
    }

    @Override
    public void publish(LogRecord entry) {
      messages.add(entry.getLevel() + " " + new SimpleFormatter().formatMessage(entry));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
