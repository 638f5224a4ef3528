package io.larder.mmap;

import io.larder.allocator.MemoryFault;
import io.larder.allocator.SegmentMemory;
import io.larder.engine.RegionBacking;
import io.larder.engine.Store;
import io.larder.engine.StoreClock;
import io.larder.engine.StoreOptions;
import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A look at a region's file from outside: mapped to be read, beside whoever writes to it. It takes no slot and no lock,
 * makes no file, and writes nothing; permission to read the file is enough, and so is a file system that is mounted
 * read-only.
 *
 * <p>Readers need no slot, because nothing waits for them: whoever frees a block does so at once, and a reader that
 * was looking at it finds a changed stamp, IDX-1. What they read of memory that has become something else they throw
 * away.
 *
 * <p>Any thread may call every method.
 */
public final class ReadOnlyRegion implements AutoCloseable, RegionBacking {
  private final Path file;
  private final SegmentMemory memory;
  private final Store store;
  private final FileWatch watch;
  private final boolean packed;
  private final AtomicBoolean closed = new AtomicBoolean();

  private ReadOnlyRegion(Path file, SegmentMemory memory, Store store, FileWatch watch, boolean packed) {
    this.file = file;
    this.memory = memory;
    this.store = store;
    this.watch = watch;
    this.packed = packed;
    store.setBacking(this);
  }

  /**
   * Opens a file that somebody has made.
   *
   * @param file where it is
   * @param clock by which entries expire: that of those who write
   * @param wait how long to wait for another process that is just making it, up to a day
   * @throws RegionFileException when there is none, or {@link SharedRegion#open} would refuse what is in it or give it
   *     up
   * @throws IOException when it cannot be read, or the thread is interrupted
   */
  public static ReadOnlyRegion open(Path file, StoreClock clock, Duration wait) throws IOException {
    return open(file, clock, wait, Host.THIS);
  }

  /**
   * As {@link #open}, of whatever kind the region is: for those who look into it and make nothing of its values, which
   * in a tier may be in a form that its cache alone knows.
   */
  public static ReadOnlyRegion inspect(Path file, StoreClock clock, Duration wait) throws IOException {
    return open(file, true, clock, wait, Host.THIS);
  }

  static ReadOnlyRegion open(Path file, StoreClock clock, Duration wait, Host host) throws IOException {
    return open(file, false, clock, wait, host);
  }

  private static ReadOnlyRegion open(Path file, boolean anyKind, StoreClock clock, Duration wait, Host host)
      throws IOException {
    Deadline deadline = Deadline.in(wait);
    Path path = Site.checkReadable(file, host);
    while (true) {
      // Opened anew each time: a file that was never completed is deleted, and another one made.
      if (!Files.exists(path)) {
        throw new RegionFileException(Reason.ABSENT, path, "found no file; a reader does not make one");
      }
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        Header header = Header.read(path, channel);
        header.checkOurs();
        if (!header.isHalfMade()) {
          header.check(0);
          if (!anyKind) {
            header.checkKind(RegionKind.SHARED);
          }
          checkWhole(path, header, host);
          return map(path, channel, header, clock);
        }
      }
      if (deadline.isOver()) {
        throw new RegionFileException(
            Reason.BUSY,
            path,
            "found it incomplete for " + deadline.length() + ": another process is making it, or was killed doing so;"
                + " wait longer, or open it once for writing");
      }
      deadline.pause();
    }
  }

  /** Refuses what a writer would give up, see ATT-2: pages of different moments may have come together. */
  private static void checkWhole(Path path, Header header, Host host) throws RegionFileException {
    if (!header.isClean() && !header.bootId().isSameBoot(host.bootId())) {
      throw new RegionFileException(
          Reason.NOT_CLOSED,
          path,
          "found it left unclosed under the boot id " + header.bootId() + ", expected this kernel's, " + host.bootId()
              + ", or a file that was closed; the next one to open it for writing makes it anew");
    }
  }

  private static ReadOnlyRegion map(Path path, FileChannel channel, Header header, StoreClock clock)
      throws IOException {
    Arena arena = Arena.ofShared();
    try {
      SegmentMemory memory =
          new SegmentMemory(channel.map(FileChannel.MapMode.READ_ONLY, 0, header.regionBytes(), arena), arena);
      StoreOptions options =
          StoreOptions.ofExisting(header.regionBytes()).withClock(clock).withVerifyReads(header.hasChecksums());
      Store store = Store.attachReadOnly(memory, options);
      MemoryFault.await();
      FileWatch watch = new FileWatch(path, header.regionBytes(), header.lockId(), false);
      return new ReadOnlyRegion(path, memory, store, watch, header.isPacked());
    } catch (IllegalArgumentException damaged) {
      arena.close();
      throw new RegionFileException(
          Reason.NOT_A_REGION, path, "damaged superblock: " + damaged.getMessage(), damaged);
    } catch (Throwable failure) {
      arena.close();
      throw failure;
    }
  }

  /** The store, to be read only. It is closed by closing the region, and must not be closed itself. */
  public Store store() {
    return store;
  }

  /** Whether values may be kept in another form, {@link SharedRegion#isPacked}. */
  public boolean isPacked() {
    return packed;
  }

  /** The real path of the file. */
  public Path file() {
    return file;
  }

  /** What the file says about itself at this moment. */
  public FileReport describe() {
    return FileReport.of(file, memory);
  }

  /** Those who are attached, or were when they were killed. */
  public List<AttachmentReport> attachments() {
    return AttachmentReport.all(file, memory);
  }

  /** Gives the mapping up: reads that are under way, or come later, throw {@link IllegalStateException}. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      store.close();
      try {
        watch.close();
      } catch (IOException failure) {
        System.getLogger("io.larder.mmap").log(Level.DEBUG, file + " cannot be closed", failure);
      }
    }
  }

  @Override
  public boolean isWhole() {
    return watch.isWhole();
  }

  @Override
  public void lost(String why) {
    System.getLogger("io.larder.mmap")
        .log(
            Level.ERROR,
            file + ": given up by this process, " + why + ". Nothing is found in it until it is opened again");
  }
}
