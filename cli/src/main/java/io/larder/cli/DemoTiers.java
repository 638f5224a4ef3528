package io.larder.cli;

import io.larder.cli.DemoTiersWorker.Part;
import io.larder.cli.DemoTiersWorker.Start;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A run of {@code demo tiers}: processes one after the other. One thread, but for closing. */
final class DemoTiers implements TidyRun.Processes {
  private static final String WITH_FILE = "memory + file";
  private static final String ALONE = "memory alone";

  private final DemoTiersPlan plan;
  private final @Nullable Path plot;
  private final Terminal terminal;
  private @Nullable WorkerProcess process;
  private boolean closed;

  /**
   * A run.
   *
   * @param plot the SVG to write; null for a new one in the temporary directory
   */
  DemoTiers(DemoTiersPlan plan, @Nullable Path plot, Terminal terminal) {
    this.plan = plan;
    this.plot = plot;
    this.terminal = terminal;
  }

  /**
   * Runs it and prints how it goes.
   *
   * @return whether no value was wrong
   * @throws IllegalArgumentException when the cache refuses the plan
   */
  boolean run() throws IOException, InterruptedException {
    DemoTiersLog withFile = shown(Part.WITH_FILE, WITH_FILE);
    terminal.update("starting again, on the file that is left ...");
    DemoTiersLog restart = work(Part.RESTART, new DemoTiersLog(), () -> {});
    DemoTiersLog alone = shown(Part.MEMORY_ALONE, ALONE);
    report(withFile, restart, alone);
    boolean sound = verdict(terminal, List.of(withFile, restart, alone));
    Path svg = plot == null ? Files.createTempFile("larder-tiers-", ".svg") : plot;
    DemoTiersPlot.write(withFile, svg);
    terminal.line("Plot of the run with the file: " + svg);
    return sound;
  }

  private DemoTiersLog shown(Part part, String name) throws IOException, InterruptedException {
    DemoTiersLog log = new DemoTiersLog();
    DemoTiersView view = new DemoTiersView(terminal, name, plan, part == Part.WITH_FILE);
    work(part, log, () -> view.show(log));
    view.end(log);
    return log;
  }

  private DemoTiersLog work(Part part, DemoTiersLog log, Runnable sampled) throws IOException, InterruptedException {
    int exitCode;
    try (WorkerProcess worker = start(part)) {
      exitCode = worker.read(line -> {
        if (log.take(line)) {
          sampled.run();
        }
      });
    } catch (UncheckedIOException cut) {
      throw new IOException("the process for " + part + " was ended", cut);
    }
    String refusal = log.refusal();
    if (refusal != null) {
      throw new IllegalArgumentException(refusal);
    }
    if (exitCode != 0) {
      throw new IOException("the process for " + part + " ended with exit code " + exitCode + ", see above");
    }
    return log;
  }

  private synchronized WorkerProcess start(Part part) throws IOException {
    if (closed) {
      throw new IOException("ended early");
    }
    List<String> arguments = new ArrayList<>(List.of(part.name()));
    arguments.addAll(plan.arguments());
    WorkerProcess worker = new WorkerProcess(DemoTiersWorker.class, WorkerProcess.HEAP_MEBIBYTES, arguments);
    process = worker;
    return worker;
  }

  private void report(DemoTiersLog withFile, DemoTiersLog restart, DemoTiersLog alone) {
    terminal.line("");
    List<String> lines =
        new DemoTiersTable(List.of(WITH_FILE, ALONE), List.of(withFile, alone), plan.run().warmupMillis()).lines();
    terminal.line(terminal.bold(lines.getFirst()));
    lines.stream().skip(1).forEach(terminal::line);
    terminal.line("");
    terminal.line("Write amplification: bytes written to the file for each byte of an entry demoted.");
    terminal.line("Closed, with all of the memory written to the file: %,d ms.".formatted(withFile.closedMillis()));
    restart.starts().forEach(start -> terminal.line(text(start)));
  }

  private static String text(Start start) {
    String which = start.warm() ? "Started again on it in %,d ms".formatted(start.openMillis()) : "An empty cache";
    double inFile = 100.0 * start.fileHits() / Math.max(1, start.reads());
    return "%s: of the first %,d reads hit %.1f %%, %.1f %% in the file."
        .formatted(which, start.reads(), start.hitPercent(), inFile);
  }

  /** Prints whether all values read were the source's, and returns it. */
  static boolean verdict(Terminal terminal, List<DemoTiersLog> logs) {
    for (DemoTiersLog log : logs) {
      String first = log.firstWrong();
      if (first != null) {
        terminal.line(terminal.bad("a wrong value: " + first));
      }
    }
    double checked = logs.stream().mapToDouble(DemoTiersLog::checked).sum();
    double wrong = logs.stream().mapToDouble(DemoTiersLog::wrong).sum();
    return DemoCommand.verdict(terminal, checked, wrong) == 0;
  }

  @Override
  public synchronized boolean isClosed() {
    return closed;
  }

  /** Ends the process that is at work. Any thread. */
  @Override
  public synchronized void close() {
    closed = true;
    if (process != null) {
      process.close();
    }
  }
}
