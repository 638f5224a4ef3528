package io.larder.mmap;

import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A region in a file that is the second tier of one cache: kept on a disk, larger than the memory if need be, and never
 * shared.
 *
 * <p>It is made, left and found again as a {@link SharedRegion} is, with these differences. One cache at a time has it.
 * A bit in the file says that it is a tier, since what its values mean that cache alone knows: {@link SharedRegion} and
 * {@link ReadOnlyRegion#open} refuse it, and this refuses theirs. Its entries have checksums, whatever the options say.
 *
 * <p>No thread waits for the disk where that would hold up a safepoint: pages are brought into memory by calls of the
 * system before they are accessed, {@link ResidentMemory}.
 *
 * <p>Any thread may call every method.
 */
public final class TierRegion implements AutoCloseable {
  private final OpenedFile opened;

  private TierRegion(OpenedFile opened) {
    this.opened = opened;
  }

  /**
   * Opens a file, and makes it when it does not exist, is empty, was never completed, or has not been closed in order
   * before the machine was started again. All of its space is reserved then.
   *
   * @param file where it is; beside it is or will be a directory of lock files, named as the file and {@code .locks}
   * @param bytes its size; 0 for an existing file of whatever size
   * @param base the options of the store; those that are a matter of the file are taken from it when it exists:
   *     partitions, hash seed. Size, checksums and owners are not looked at
   * @param wait how long to wait for another process that has it, or makes or closes it, up to a day; the making itself
   *     is not counted. {@link #close} waits as long for those who open it
   * @throws RegionFileException when the file or its place is not fit for this, and with {@link
   *     RegionFileException.Reason#IN_USE} when another process has it and does not close it, or this JVM has it; the
   *     file is as before then
   * @throws IOException when it cannot be read or written, or the thread is interrupted
   * @throws IllegalArgumentException when there is no region of such a size
   */
  public static TierRegion open(Path file, long bytes, StoreOptions base, Duration wait) throws IOException {
    return open(file, bytes, false, base, wait, Host.THIS);
  }

  /**
   * As {@link #open}, but gives up what is in the file: for a tier whose content may be out of date. A file of another
   * size gets this one.
   */
  public static TierRegion openAnew(Path file, long bytes, StoreOptions base, Duration wait) throws IOException {
    return open(file, bytes, true, base, wait, Host.THIS);
  }

  static TierRegion open(Path file, long bytes, boolean anew, StoreOptions base, Duration wait, Host host)
      throws IOException {
    OpeningRequest request =
        new OpeningRequest(RegionKind.TIER, FileSize.upTo(bytes), anew, false, base.withVerifyReads(true));
    return new TierRegion(OpenedFile.open(file, request, wait, host));
  }

  /** The store. It is closed by closing the region, and must not be closed itself. */
  public Store store() {
    return opened.attachment().store();
  }

  /** Whether this opening has made the content anew: there was no file, or what was in it was given up. */
  public boolean created() {
    return opened.created();
  }

  /**
   * Looks whether the file is still what it was, {@link SharedRegion#look}; one that has been deleted or replaced is
   * lost. Forgets which of its pages are in memory, since the system drops those that are not used, {@link Residency}.
   * To be called about once a second. A few system calls; 64 KiB are cleared for each GiB.
   */
  public void look() {
    opened.attachment().look();
  }

  /**
   * Has whoever opens the file next make it anew, with nothing in it: for a region that {@linkplain Store#isLost is
   * lost}, in which nothing can be removed any more, while its file may be whole. Without it a later opening might find
   * what has been overwritten since. When this returns it is done, by whichever thread; a loss does it by itself, but a
   * moment after it is seen.
   */
  public void spoil() {
    opened.attachment().spoil();
  }

  /** The real path of the file. */
  public Path file() {
    return opened.file();
  }

  /**
   * Tells those who look into the file what this cache counts: hits and misses of the tier, and what became of entries
   * so far between it and the memory above. To be called about once a second.
   */
  public void publish(long promotions, long cleanSkips, long dropped) {
    opened.attachment().publish(0, 0);
    opened.attachment().publishTier(promotions, cleanSkips, dropped);
  }

  /**
   * Gives the region up and unmaps it: operations of the store that are under way, or come later, throw {@link
   * IllegalStateException}. Everything is written to the disk first.
   */
  @Override
  public void close() {
    opened.close();
  }
}
