package io.larder.mmap;

import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The files that this JVM has open. A file that is opened again gets the attachment that there is: a second channel of
 * its lock file would drop the first one's lock.
 *
 * <p>Another copy of this class, loaded by another class loader, would do just that. So each file is also noted among
 * the system properties, which all copies share, and the second copy is refused.
 */
final class OpenRegions {
  private static final String PROPERTY = "io.larder.mmap.open ";
  private static final Map<Object, Entry> ENTRIES = new HashMap<>();

  private OpenRegions() {}

  /** A file that is open, or is being opened or closed, in this JVM. */
  static final class Entry {
    private final Object key;
    private final ReentrantLock turn = new ReentrantLock();

    /** Guarded by {@link #ENTRIES}. */
    private int users;

    /** Written in the turn; read anywhere, by whoever asks for a name only. */
    private volatile @Nullable Attachment attachment;

    /** Guarded by the turn. */
    private int references;

    private Entry(Object key) {
      this.key = key;
    }

    private String property() {
      return PROPERTY + key;
    }
  }

  /** How to attach when the file is not open yet. */
  @FunctionalInterface
  interface Attaching {
    Attachment attach() throws IOException;
  }

  /** Notes a user of a file; {@link #leave} must follow. */
  static Entry enter(Object key, Path file) throws RegionFileException {
    synchronized (ENTRIES) {
      Entry entry = ENTRIES.get(key);
      if (entry == null) {
        entry = new Entry(key);
        ENTRIES.put(key, entry);
      }
      if (entry.users == 0 && System.getProperties().putIfAbsent(entry.property(), PROPERTY) != null) {
        ENTRIES.remove(key);
        throw new RegionFileException(
            Reason.FOREIGN_ATTACHMENT,
            file,
            "found it open by another copy of Larder in this JVM, expected one; let a common class loader load it");
      }
      entry.users++;
      return entry;
    }
  }

  /** Forgets a user of a file. */
  static void leave(Entry entry) {
    synchronized (ENTRIES) {
      if (--entry.users == 0) {
        ENTRIES.remove(entry.key);
        System.getProperties().remove(entry.property());
      }
    }
  }

  /**
   * The path by which this JVM has the file at a path open, which may be another name of it: each would have lock files
   * of its own. Null when it is not open, is being opened or closed, or has lost the name by which it was opened.
   */
  static @Nullable Path nameOf(Path path) throws IOException {
    List<Entry> entries;
    synchronized (ENTRIES) {
      entries = List.copyOf(ENTRIES.values());
    }
    for (Entry entry : entries) {
      Attachment attachment = entry.attachment;
      if (attachment != null && attachment.isAt(path) && attachment.isAt(attachment.file())) {
        return attachment.file();
      }
    }
    return null;
  }

  /** The attachment of a file, made if there is none; {@link #release} must follow. */
  static Attachment acquire(Entry entry, Path file, Deadline deadline, Attaching attaching) throws IOException {
    takeTurn(entry, file, deadline);
    try {
      Attachment attachment = entry.attachment;
      if (attachment == null) {
        attachment = attaching.attach();
        entry.attachment = attachment;
      }
      entry.references++;
      return attachment;
    } finally {
      entry.turn.unlock();
    }
  }

  /** What is to be done with the attachment of a file, while none is made or given up in this JVM. */
  @FunctionalInterface
  interface Asking<T> {
    T ask(@Nullable Attachment attachment);
  }

  /** Asks about a file with its turn held, whether or not this JVM has it open. */
  static <T> T ask(Object key, Path file, Deadline deadline, Asking<T> asking) throws IOException {
    Entry entry = enter(key, file);
    try {
      takeTurn(entry, file, deadline);
      try {
        return asking.ask(entry.attachment);
      } finally {
        entry.turn.unlock();
      }
    } finally {
      leave(entry);
    }
  }

  private static void takeTurn(Entry entry, Path file, Deadline deadline) throws IOException {
    try {
      if (!entry.turn.tryLock(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
        throw new RegionFileException(
            Reason.BUSY, file, "another thread has been opening or closing it for " + deadline.length());
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      InterruptedIOException failure = new InterruptedIOException("interrupted while waiting for " + file);
      failure.initCause(interrupt);
      throw failure;
    }
  }

  /** Gives an attachment back; it is closed when it was the last reference. */
  static void release(Entry entry) {
    // Whoever has the turn has a deadline.
    entry.turn.lock();
    try {
      Attachment attachment = entry.attachment;
      if (entry.references == 1 && attachment != null) {
        attachment.close();
        entry.attachment = null;
      }
      entry.references--;
    } finally {
      entry.turn.unlock();
    }
  }
}
