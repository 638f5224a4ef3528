package io.larder.cli;

import java.time.Duration;
import java.time.Instant;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;

/**
 * Hears of each pause that a garbage collector of this JVM makes, by the flight recorder: about a second later, and not
 * later than {@link #stop}.
 */
final class GcPauses implements AutoCloseable {
  private static final String PAUSE = "jdk.GCPhasePause";

  private final RecordingStream events = new RecordingStream();
  private final Listener listener;
  private volatile Instant begin = Instant.now();

  /** In the thread of the flight recorder. */
  interface Listener {
    /**
     * Hears of a pause.
     *
     * @param atMillis when it began, since {@link #begin}
     * @param nanos how long it was
     */
    void paused(long atMillis, long nanos);
  }

  /** Begins to listen. */
  GcPauses(Listener listener) {
    this.listener = listener;
    events.enable(PAUSE).withoutThreshold();
    events.onEvent(PAUSE, this::take);
    events.startAsync();
  }

  /** Times count from now on, and what was before does not. */
  void begin() {
    begin = Instant.now();
  }

  private void take(RecordedEvent event) {
    long atMillis = Duration.between(begin, event.getStartTime()).toMillis();
    if (atMillis >= 0) {
      listener.paused(atMillis, event.getDuration().toNanos());
    }
  }

  /** Milliseconds since {@link #begin}. */
  long elapsedMillis() {
    return Duration.between(begin, Instant.now()).toMillis();
  }

  /** Hands on what has not been handed on yet, and ends it. */
  void stop() {
    events.stop();
  }

  @Override
  public void close() {
    events.close();
  }
}
