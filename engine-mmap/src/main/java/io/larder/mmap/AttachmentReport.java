package io.larder.mmap;

import io.larder.allocator.Memory;
import java.io.IOException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A slot that is taken.
 *
 * @param slot its number, 0 to 63
 * @param epoch how often the slot was taken
 * @param settledEpoch up to which epoch nothing is left of former owners
 * @param pid the number that the process had in its own namespace; nothing depends on it
 * @param startedMillis since when, in milliseconds since 1970
 * @param life whether its process lives, by the kernel
 * @param counts what it counts for itself, about a second old; zeros if it has told nothing
 */
public record AttachmentReport(
    int slot, long epoch, long settledEpoch, int pid, long startedMillis, Life life, Counts counts) {
  private static final Duration TURN_WAIT = Duration.ofSeconds(5);

  /** Whether a process lives. */
  public enum Life {
    /** It holds its lock; it may be stopped. */
    ALIVE,
    /** It was killed, or halted without closing. */
    DEAD,
    /** Its lock cannot be looked at. */
    UNKNOWN
  }

  /**
   * What a process counts for itself since it was attached.
   *
   * @param hits reads that found an entry
   * @param misses reads that found none
   * @param loads calls of a loader that returned
   * @param loadFailures calls of a loader that threw
   * @param promotions entries of a tier that were copied into the memory above it
   * @param cleanSkips evicted entries of that memory that were not written to the tier, as it had them
   * @param dropped evicted entries that could not be written to the tier
   */
  public record Counts(
      long hits, long misses, long loads, long loadFailures, long promotions, long cleanSkips, long dropped) {
    /** Nothing. */
    public static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0);

    /** Both together. */
    public Counts plus(Counts other) {
      return sum(other, 1);
    }

    /** What has come since an earlier look. */
    public Counts since(Counts earlier) {
      return sum(earlier, -1);
    }

    private Counts sum(Counts other, int sign) {
      return new Counts(
          hits + sign * other.hits,
          misses + sign * other.misses,
          loads + sign * other.loads,
          loadFailures + sign * other.loadFailures,
          promotions + sign * other.promotions,
          cleanSkips + sign * other.cleanSkips,
          dropped + sign * other.dropped);
    }
  }

  /** What it writes into the locks that it takes. */
  public long token() {
    return Liveness.token(slot, epoch);
  }

  static List<AttachmentReport> all(Path file, Memory memory) {
    LockFiles locks = LockFiles.existing(file);
    if (locks.exist()) {
      try {
        return OpenRegions.ask(locks.key(), file, Deadline.in(TURN_WAIT), own -> taken(memory, locks, own));
      } catch (IOException unknown) {
        return taken(memory, null, null);
      }
    }
    return taken(memory, null, null);
  }

  private static List<AttachmentReport> taken(
      Memory memory, @Nullable LockFiles locks, @Nullable Attachment own) {
    List<AttachmentReport> taken = new ArrayList<>();
    for (int slot = 0; slot < FileLayout.ATTACHMENTS_MAX; slot++) {
      long record = FileLayout.attachmentOffset(slot);
      if (memory.getIntAcquire(record + AttachmentLayout.STATE_OFFSET) == AttachmentLayout.ATTACHED) {
        long epoch = memory.getLongAcquire(record + AttachmentLayout.EPOCH_OFFSET);
        taken.add(
            new AttachmentReport(
                slot,
                epoch,
                memory.getLong(record + AttachmentLayout.SETTLED_EPOCH_OFFSET),
                memory.getInt(record + AttachmentLayout.PID_OFFSET),
                memory.getLong(record + AttachmentLayout.STARTED_MILLIS_OFFSET),
                life(slot, epoch, locks, own),
                counts(slot, epoch, locks, own)));
      }
    }
    return taken;
  }

  /** A lock file is not opened in the JVM that holds its lock, which would drop it. */
  private static Counts counts(int slot, long epoch, @Nullable LockFiles locks, @Nullable Attachment own) {
    if (locks == null) {
      return Counts.NONE;
    }
    if (own != null && own.slot() == slot) {
      return own.counts();
    }
    try {
      return locks.counts(slot, epoch);
    } catch (IOException unknown) {
      return Counts.NONE;
    }
  }

  /** Where this JVM is attached its own attachment is asked, which sees to it that no lock of its own is dropped. */
  private static Life life(int slot, long epoch, @Nullable LockFiles locks, @Nullable Attachment own) {
    if (locks == null) {
      return Life.UNKNOWN;
    }
    if (own != null) {
      return own.owners().isDead(Liveness.token(slot, epoch)) ? Life.DEAD : Life.ALIVE;
    }
    try {
      return locks.isHeldReadOnly(slot) ? Life.ALIVE : Life.DEAD;
    } catch (IOException | OverlappingFileLockException unknown) {
      return Life.UNKNOWN;
    }
  }
}
