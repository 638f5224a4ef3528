package io.larder.cli;

import io.larder.ByteCache;
import io.larder.CacheException;
import io.larder.CacheStats;
import io.larder.Codec;
import io.larder.Larder;
import io.larder.cli.DemoSharedProcess.State;
import io.larder.engine.StoreOptions;
import io.larder.mmap.SharedRegion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A run of {@code demo shared}: processes on one file, the last of them killed again and again. */
final class DemoShared implements TidyRun.Processes {
  private static final long TICK_MILLIS = 50;
  private static final int LIVE_WIDTH = 18;
  private static final int LIFE_MILLIS_MIN = 500;
  private static final int LIFE_MILLIS_MAX = 1_500;
  private static final Duration WAIT = Duration.ofSeconds(30);

  /** A run in which nobody was killed shows nothing: it goes on for so long. */
  private static final long EXTENSION_SECONDS = 60;

  private final JdkImage image;
  private final ScratchFiles files;
  private final long bytes;
  private final Terminal terminal;
  private final SplittableRandom random;
  private final List<DemoSharedProcess> processes = new ArrayList<>();
  private boolean closed;
  private long repairsBefore;
  private long killAt;

  DemoShared(JdkImage image, ScratchFiles files, long bytes, long seed, Terminal terminal) {
    this.image = image;
    this.files = files;
    this.bytes = bytes;
    this.terminal = terminal;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Runs it and prints how it goes.
   *
   * @return whether no value was wrong and every process but those that were killed ended in order
   * @throws IllegalArgumentException when the file is not fit for this
   */
  boolean run(int count, int seconds, long seed) throws IOException, InterruptedException {
    take();
    Path index = files.logs().resolve("image");
    image.save(index);
    List<String> arguments =
        List.of(files.roomy().toString(), Long.toString(bytes), index.toString(), Long.toString(seed));
    for (int i = 0; i < count; i++) {
      add(arguments);
    }
    showNames();
    boolean sound = work(seconds);
    for (DemoSharedProcess process : processes) {
      process.end();
    }
    for (DemoSharedProcess process : processes) {
      sound &= process.awaitEnd();
    }
    return report(sound);
  }

  private synchronized void add(List<String> arguments) throws IOException {
    if (!closed) {
      processes.add(new DemoSharedProcess(arguments, random.nextLong()));
    }
  }

  /** Makes the file, or empties it. A file that holds entries and none of the image's is somebody else's. */
  private void take() throws IOException {
    try (ByteCache cache = open()) {
      if (cache.estimatedSize() > 0 && !holdsImage(cache)) {
        throw new IllegalArgumentException(
            files.roomy() + " holds " + cache.estimatedSize() + " entries that are not this command's; name another"
                + " file");
      }
      cache.clear();
    }
    try (SharedRegion region = region()) {
      repairsBefore = region.store().repairs();
    }
  }

  private boolean holdsImage(ByteCache cache) {
    for (int number = 0; number < image.count(); number++) {
      if (cache.containsKey(image.name(number).getBytes(StandardCharsets.UTF_8))) {
        return true;
      }
    }
    return false;
  }

  private ByteCache open() {
    try {
      return Larder.builder(Codec.bytes(), Codec.bytes()).sharedFile(files.roomy(), bytes).buildBytes();
    } catch (CacheException unfit) {
      throw new IllegalArgumentException(unfit.getMessage(), unfit);
    }
  }

  private SharedRegion region() throws IOException {
    return SharedRegion.open(files.roomy(), 0, StoreOptions.ofMemory(bytes), WAIT);
  }

  /** Until the time is over; false when a process has ended that nobody killed. */
  private boolean work(int seconds) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    long shown = 0;
    List<State> last = processes.stream().map(DemoSharedProcess::state).toList();
    while (true) {
      Thread.sleep(TICK_MILLIS);
      long passed = System.nanoTime() - begin;
      if (processes.stream().anyMatch(process -> !process.isAlive())) {
        terminal.line(terminal.bad("a process has ended by itself"));
        return false;
      }
      kill();
      long second = TimeUnit.NANOSECONDS.toSeconds(passed);
      if (second > shown) {
        last = show(second, last, second - shown);
        shown = second;
      }
      if (second >= seconds + EXTENSION_SECONDS || (second >= seconds && hasShownSomething())) {
        return true;
      }
    }
  }

  private boolean hasShownSomething() {
    return processes.getLast().kills() > 0 && processes.stream().allMatch(process -> process.state().reads() > 0);
  }

  private synchronized void kill() throws IOException, InterruptedException {
    DemoSharedProcess victim = processes.getLast();
    long now = System.nanoTime();
    if (killAt == 0 && victim.isWorking()) {
      killAt = now + TimeUnit.MILLISECONDS.toNanos(random.nextInt(LIFE_MILLIS_MIN, LIFE_MILLIS_MAX));
    } else if (killAt != 0 && now >= killAt && !closed) {
      victim.replace(random.nextLong());
      killAt = 0;
    }
  }

  /** Prints a line; returns what it was made of. */
  private List<State> show(long second, List<State> last, long seconds) {
    List<State> states = processes.stream().map(DemoSharedProcess::state).toList();
    StringBuilder line = new StringBuilder("%3d s ".formatted(second));
    long wrong = 0;
    for (int i = 0; i < states.size(); i++) {
      State state = states.get(i);
      long reads = state.reads() - last.get(i).reads();
      long hits = state.hits() - last.get(i).hits();
      line.append(right(reads == 0 ? "starting" : rates(reads / seconds, 100.0 * hits / reads)));
      wrong += state.wrong();
    }
    line.append("%8d%8d".formatted(processes.getLast().kills(), wrong));
    terminal.line(line.toString());
    return states;
  }

  private static String rates(long readsPerSecond, double hitPercent) {
    return "%,d/s %.1f %%".formatted(readsPerSecond, hitPercent);
  }

  private static String right(String text) {
    return " ".repeat(Math.max(1, LIVE_WIDTH - text.length())) + text;
  }

  /** The heading of the lines to come. */
  private void showNames() {
    StringBuilder heading = new StringBuilder(" ".repeat(6));
    names().forEach(name -> heading.append(right(name)));
    terminal.line(terminal.bold(heading.append("   kills   wrong").toString()));
  }

  /** The last one has the worst of it. */
  private List<String> names() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < processes.size(); i++) {
      names.add(name(i) + (i == processes.size() - 1 ? " (killed)" : ""));
    }
    return names;
  }

  /** The processes' names: A, B, C. */
  private static String name(int place) {
    return Character.toString('A' + place);
  }

  private boolean report(boolean endedInOrder) throws IOException {
    CacheStats stats;
    long repairs;
    try (ByteCache cache = open();
        SharedRegion region = region()) {
      stats = cache.stats();
      repairs = region.store().repairs() - repairsBefore;
    }
    List<State> states = processes.stream().map(DemoSharedProcess::state).toList();
    terminal.line("");
    List<String> lines = table(states);
    terminal.line(terminal.bold(lines.getFirst()));
    lines.stream().skip(1).forEach(terminal::line);
    terminal.line("");
    terminal.line(
        "One copy: %,d entries in a file of %s, which all have; %d private copies would take %s."
            .formatted(
                stats.entries(), ByteSize.format((double) bytes), processes.size(),
                ByteSize.format((double) bytes * processes.size())));
    long longest = states.subList(0, states.size() - 1).stream().mapToLong(State::longestNanos).max().orElse(0);
    terminal.line(
        "%d kills, %d repairs; the longest that a survivor waited for one operation: %s."
            .formatted(processes.getLast().kills(), repairs, DemoTable.time((double) longest)));
    return verdict(states, endedInOrder);
  }

  private List<String> table(List<State> states) {
    Columns table = new Columns(names());
    table.row("reads", states.stream().map(state -> "%,d".formatted(state.reads())).toList());
    table.row("hit ratio", states.stream().map(DemoShared::hitRatio).toList());
    table.row("longest operation", states.stream().map(DemoShared::longest).toList());
    table.row("values wrong", states.stream().map(state -> "%,d".formatted(state.wrong())).toList());
    return table.lines();
  }

  private static String longest(State state) {
    return DemoTable.time((double) state.longestNanos());
  }

  private static String hitRatio(State state) {
    return "%.1f %%".formatted(100.0 * state.hits() / Math.max(1, state.reads()));
  }

  private boolean verdict(List<State> states, boolean endedInOrder) {
    long checked = states.stream().mapToLong(State::hits).sum();
    long wrong = states.stream().mapToLong(State::wrong).sum();
    for (DemoSharedProcess process : processes) {
      @Nullable String first = process.firstWrong();
      if (first != null) {
        terminal.line(terminal.bad("a wrong value: " + first));
      }
    }
    if (!endedInOrder) {
      terminal.line(terminal.bad("FAILED: a process that nobody killed did not end in order, see above."));
    } else if (wrong > 0) {
      terminal.line(terminal.bad("FAILED: %,d of %,d values read were not the source's.".formatted(wrong, checked)));
    } else {
      terminal.line(terminal.good("ok: %,d values read, wrong values 0.".formatted(checked)));
    }
    return endedInOrder && wrong == 0;
  }

  @Override
  public synchronized boolean isClosed() {
    return closed;
  }

  /** Kills what is still there. Any thread. */
  @Override
  public synchronized void close() {
    closed = true;
    processes.forEach(DemoSharedProcess::close);
  }
}
