package io.larder.mmap;

import io.larder.allocator.MemoryFault;
import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** One opening of a region's file, of whatever kind; there may be several in a JVM, and one attachment below them. */
final class OpenedFile implements AutoCloseable {
  private final Path file;
  private final OpenRegions.Entry entry;
  private final Attachment attachment;
  private final boolean attachedNow;
  private final AtomicBoolean closed = new AtomicBoolean();

  private OpenedFile(Path file, OpenRegions.Entry entry, Attachment attachment, boolean attachedNow) {
    this.file = file;
    this.entry = entry;
    this.attachment = attachment;
    this.attachedNow = attachedNow;
  }

  /** Opens a file as {@link SharedRegion#open} and {@link TierRegion#open} say. */
  static OpenedFile open(Path file, OpeningRequest request, Duration wait, Host host) throws IOException {
    Deadline deadline = Deadline.in(wait);
    Path known = OpenRegions.nameOf(file);
    Path path = known == null ? Site.check(file, request, host) : known;
    LockFiles locks = LockFiles.of(path);
    OpenRegions.Entry entry = OpenRegions.enter(locks.key(), path);
    try {
      Opening opening = new Opening(path, request, deadline, host, locks);
      AtomicBoolean attachedNow = new AtomicBoolean();
      Attachment attachment =
          OpenRegions.acquire(
              entry,
              path,
              deadline,
              () -> {
                if (known != null) {
                  // Closed meanwhile.
                  Site.check(path, request, host);
                }
                attachedNow.set(true);
                return opening.run();
              });
      try {
        attachment.check(path, request, attachedNow.get());
        return new OpenedFile(path, entry, attachment, attachedNow.get());
      } catch (Throwable failure) {
        OpenRegions.release(entry);
        throw failure;
      }
    } catch (InternalError failure) {
      OpenRegions.leave(entry);
      if (MemoryFault.swallow() || MemoryFault.is(failure)) {
        throw new RegionFileException(Reason.TRUNCATED, path, "truncated while it was being opened", failure);
      }
      throw failure;
    } catch (Throwable failure) {
      OpenRegions.leave(entry);
      throw failure;
    }
  }

  /** The real path. */
  Path file() {
    return file;
  }

  Attachment attachment() {
    return attachment;
  }

  /** Whether this opening has made the content anew. */
  boolean created() {
    return attachedNow && attachment.isCreated();
  }

  /** Gives it up; the last one of the JVM gives up the attachment. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      OpenRegions.release(entry);
    } catch (Throwable failure) {
      closed.set(false);
      throw failure;
    }
    OpenRegions.leave(entry);
  }
}
