package io.larder.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Judges what the processes of one worker did, one after the other, to a memory of their own and the file below it.
 *
 * <p>Only one of them is there at a time, and does one operation after the other, so what was written last is known. A
 * value may be lost at any time, with the memory of a process or by eviction. But what is read has been written last,
 * whichever process it was: neither before another write or a removal that was acknowledged, nor before a value that
 * had been read meanwhile. A write that was killed may have taken effect or not. What has expired is not read either,
 * a second later at the latest, for it is another clock.
 */
final class TortureTierChecker {
  private static final long CLOCK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final TortureTally tally;
  private final Map<Integer, Key> keys = new HashMap<>();

  TortureTierChecker(TortureTally tally) {
    this.tally = tally;
  }

  /** Counts what is wrong with the histories of a worker's processes, in the order of their lives. */
  void check(List<TortureHistory> histories) {
    for (TortureHistory history : histories) {
      for (TortureOperation operation : history.operations()) {
        TortureChecker.checkAlone(history, operation, tally);
        keys.computeIfAbsent(operation.key(), none -> new Key()).check(operation);
      }
    }
  }

  /** What is known of one key. */
  private final class Key {
    /** What was written, removed or read last. */
    private @Nullable TortureOperation last;

    /** The value that it had then; 0 for none. */
    private long present;

    /** When that has expired, surely. */
    private long expiry = TortureOperation.NEVER;

    /** Writes since that were killed. */
    private final List<TortureOperation> pending = new ArrayList<>();

    private final Set<Long> written = new HashSet<>();

    void check(TortureOperation operation) {
      if (operation.kind().isWrite()) {
        write(operation);
      } else if (operation.kind().isRemoval()) {
        if (!operation.isPending() && (operation.expected() == 0 || operation.hasRemoved())) {
          become(operation, 0);
        }
      } else if (operation.sawValue()) {
        read(operation);
      }
    }

    private void write(TortureOperation write) {
      written.add(write.id());
      boolean replaces = write.kind() != TortureOperation.Kind.PUT_IF_ABSENT;
      if (write.isPending()) {
        pending.add(write);
      } else if (write.hasWritten()) {
        become(write, write.id());
      } else if (write.outcome() == TortureOperation.REJECTED && replaces) {
        become(write, 0);
      }
    }

    private void become(TortureOperation operation, long value) {
      last = operation;
      present = value;
      pending.clear();
      long ttl = TimeUnit.MILLISECONDS.toNanos(operation.ttlMillis());
      expiry = ttl == 0 ? TortureOperation.NEVER : operation.end() + ttl + CLOCK_NANOS;
    }

    private void read(TortureOperation read) {
      long id = read.found();
      if (id == present) {
        if (read.begin() > expiry) {
          tally.stale(read + ": it has expired: " + last);
        }
      } else if (pending.stream().anyMatch(write -> write.id() == id)) {
        // Those before it have not come to anything, or have been overwritten by it.
        List<TortureOperation> later = pending.stream().filter(write -> write.id() > id).toList();
        become(read, id);
        pending.addAll(later);
      } else {
        tally.stale(read + (written.contains(id) ? ": before that was " + last : ": nobody has written that value"));
        return;
      }
      if (TortureValue.isOfEarlier(id, read.writer())) {
        tally.survivors++;
      }
    }
  }
}
