package io.larder.jmh;

import io.larder.jmh.Probe.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs {@link RemoteBenchmark} for Larder and, where there is one, for a Redis server through each client, round after
 * round. It has no goals in numbers.
 */
final class RemoteBench {
  private static final int ENTRIES = 1_000_000;
  private static final int QUICK_ENTRIES = 200_000;
  private static final int ROUNDS = 5;
  private static final int QUICK_ROUNDS = 2;
  private static final int WARM_MILLIS = 3_000;
  private static final int QUICK_WARM_MILLIS = 1_000;
  private static final int MILLIS = 5_000;
  private static final int QUICK_MILLIS = 1_500;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final long FILE_BYTES = 1 << 20;
  private static final int NO_PORT = 0;

  private final Arguments arguments;
  private final Progress progress;
  private final List<String> text = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  /**
   * What a JVM measures.
   *
   * @param system what it reads from
   * @param keys how many in a call
   */
  private record RemoteCase(RemoteSystem system, int keys) {
    String label() {
      return system.label() + "/" + keys;
    }
  }

  RemoteBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
  }

  Report run() throws IOException {
    List<Object> raw = new ArrayList<>();
    for (int entries : arguments.entriesOr(arguments.quick() ? QUICK_ENTRIES : ENTRIES)) {
      Rounds<RemoteCase> rounds = measure(Shape.usual(entries));
      report(entries, rounds);
      raw.add(Json.map("entries", entries, "rounds", rounds.toJson(RemoteCase::label)));
    }
    text.add("");
    text.add("medians of the rounds, in brackets the least and the most; ÷larder: within a round");
    text.add("a call: one read, or a batch of %d, with the clock".formatted(RemoteBenchmark.BATCH_KEYS));
    if (RedisServer.program() == null) {
      text.add("redis: not measured, there is no redis-server on the path");
    }
    Stream.of(RemoteSystem.values())
        .filter(system -> !system.isPossible())
        .forEach(system -> text.add(system.label() + ": not measured, Netty has no such sockets on this system"));
    return new Report(text, List.of(), failures, Json.map("jvmFlags", JvmFlags.forLatency(), "results", raw));
  }

  private Rounds<RemoteCase> measure(Shape shape) throws IOException {
    try (BenchFolder folder = BenchFolder.make(arguments.directory(), FILE_BYTES)) {
      Path socket = folder.file("redis");
      Path program = program();
      if (program == null) {
        return measure(shape, NO_PORT, socket);
      }
      try (RedisServer server = RedisServer.start(program, socket)) {
        progress.begin("remote: filling the server");
        try (JedisSubject filler = new JedisSubject(shape, new RedisAddress(server.port(), socket, false))) {
          filler.fill(new Values(shape.valueBytes()));
        }
        progress.end("done");
        return measure(shape, server.port(), socket);
      }
    }
  }

  /** Redis is none of the implementations: it runs when these are not restricted. */
  private @Nullable Path program() {
    return arguments.isUnrestricted() ? RedisServer.program() : null;
  }

  private Rounds<RemoteCase> measure(Shape shape, int port, Path socket) {
    Rounds<RemoteCase> rounds = new Rounds<>();
    int usual = arguments.quick() ? QUICK_ROUNDS : ROUNDS;
    int count = arguments.forks() == 0 ? usual : arguments.forks();
    for (int round = 1; round <= count; round++) {
      rounds.begin();
      for (RemoteCase each : cases()) {
        rounds.add(each, probe(each, shape.entries(), "round %d of %d".formatted(round, count), port, socket));
      }
    }
    return rounds;
  }

  private List<RemoteCase> cases() {
    boolean server = program() != null;
    return Stream.of(RemoteSystem.values())
        .filter(system -> system.isPossible() && (server || !system.isRemote()))
        .flatMap(system -> Stream.of(1, RemoteBenchmark.BATCH_KEYS).map(keys -> new RemoteCase(system, keys)))
        .toList();
  }

  private Finding probe(RemoteCase each, int entries, String what, int port, Path socket) {
    progress.begin("remote at %,d entries, %s: %s".formatted(entries, what, each.label()));
    Finding finding =
        Probe.run(
            RemoteBenchmark.class,
            JvmFlags.forLatency(),
            LIMIT,
            each.system().label(),
            Integer.toString(entries),
            Integer.toString(each.keys()),
            Integer.toString(arguments.quick() ? QUICK_WARM_MILLIS : WARM_MILLIS),
            Integer.toString(arguments.quick() ? QUICK_MILLIS : MILLIS),
            Integer.toString(port),
            socket.toString());
    progress.end(finding.failed() ? "failed" : "%,.0f ns".formatted(finding.value(RemoteBenchmark.NANOS)));
    if (finding.failed()) {
      failures.add("remote " + each.label() + ": " + finding.failure());
    }
    return finding;
  }

  private void report(int entries, Rounds<RemoteCase> rounds) {
    for (int keys : new int[] {1, RemoteBenchmark.BATCH_KEYS}) {
      Table table = new Table("", "ns/read", "÷larder", "p50 µs of a call", "p99", "");
      for (RemoteCase each : cases()) {
        if (each.keys() == keys) {
          table.row(row(each, rounds));
        }
      }
      text.add("");
      text.add(
          "remote: %,d entries of 24 + 100 bytes, one thread, %s"
              .formatted(entries, keys == 1 ? "one read at a time" : keys + " reads at a time"));
      text.addAll(table.lines());
    }
  }

  private static String[] row(RemoteCase each, Rounds<RemoteCase> rounds) {
    RemoteCase larder = new RemoteCase(RemoteSystem.LARDER, each.keys());
    return new String[] {
      each.system().label(),
      Rounds.spread(rounds.values(each, RemoteBenchmark.NANOS), 1, 0),
      each.equals(larder) ? "" : Rounds.spread(rounds.ratios(each, larder, RemoteBenchmark.NANOS), 1, 1),
      Rounds.spread(rounds.values(each, RemoteBenchmark.P50), 1, 2),
      Rounds.spread(rounds.values(each, RemoteBenchmark.P99), 1, 2),
      each.system().description()
    };
  }
}
