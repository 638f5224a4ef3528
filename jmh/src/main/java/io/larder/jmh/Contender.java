package io.larder.jmh;

import io.larder.jmh.simulation.Arc;
import io.larder.jmh.simulation.Belady;
import io.larder.jmh.simulation.Fifo;
import io.larder.jmh.simulation.Lirs;
import io.larder.jmh.simulation.Lru;
import io.larder.jmh.simulation.S3Fifo;
import io.larder.jmh.simulation.Sieve;
import io.larder.jmh.simulation.Simulation;
import io.larder.jmh.simulation.WindowTinyLfu;
import io.larder.jmh.trace.Trace;
import java.util.Arrays;
import java.util.List;

/** Who is asked for the keys of a trace: two real caches, and models of what others do. */
enum Contender {
  LARDER("larder", true),
  CAFFEINE("caffeine", true),
  S3_FIFO("s3-fifo", false),
  SIEVE("sieve", false),
  ARC("arc", false),
  LIRS("lirs", false),
  W_TINY_LFU("w-tinylfu", false),
  LRU("lru", false),
  FIFO("fifo", false),
  OPTIMUM("optimum", false);

  private final String label;
  private final boolean real;

  Contender(String label, boolean real) {
    this.label = label;
    this.real = real;
  }

  /** All that do not know the future. */
  static List<Contender> online() {
    return Arrays.stream(values()).filter(contender -> contender != OPTIMUM).toList();
  }

  /** The name in tables and files. */
  String label() {
    return label;
  }

  /** Whether it is a cache and not a model: it hashes keys and draws random numbers, so its runs differ. */
  boolean real() {
    return real;
  }

  /** An empty one, with room for so many entries. */
  Replay open(Trace trace, int entries) {
    int keys = trace.keyCount();
    return switch (this) {
      case LARDER -> LarderReplay.ofEntries(trace, entries);
      case CAFFEINE -> CaffeineReplay.ofEntries(trace, entries);
      case S3_FIFO -> simulated(trace, new S3Fifo(keys, entries));
      case SIEVE -> simulated(trace, new Sieve(keys, entries));
      case ARC -> simulated(trace, new Arc(keys, entries));
      case LIRS -> simulated(trace, new Lirs(keys, entries));
      case W_TINY_LFU -> simulated(trace, new WindowTinyLfu(keys, entries));
      case LRU -> simulated(trace, new Lru(keys, entries));
      case FIFO -> simulated(trace, new Fifo(keys, entries));
      case OPTIMUM -> simulated(trace, new Belady(trace.numbers(), keys, entries));
    };
  }

  /** A model to which the numbers of a trace's keys are played. */
  static Replay simulated(Trace trace, Simulation simulation) {
    return position -> simulation.request(trace.number(position));
  }
}
