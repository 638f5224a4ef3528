package io.larder.mmap;

import io.larder.engine.LockOwners;
import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A region that lives in a file and is shared by all processes of a host that open it.
 *
 * <p>Whoever comes first makes the file, the others join; it stays when all have left, and is found again as it was.
 * Any of them may be killed at any instant. A JVM that opens a file twice gets the same store twice, with the options
 * of the first opening.
 *
 * <p>Any thread may call every method.
 */
public final class SharedRegion implements AutoCloseable {
  private final OpenedFile opened;

  private SharedRegion(OpenedFile opened) {
    this.opened = opened;
  }

  /**
   * Opens a file, and makes it when it does not exist, is empty, was never completed, or has not been closed in order
   * before the machine was started again. All of its space is reserved then, which takes as long as writing it.
   *
   * @param file where it is; beside it is or will be a directory of lock files, named as the file and {@code .locks}
   * @param size its size and its limit, or whatever they are
   * @param base the options of the store; those that are a matter of the file are taken from it when it exists:
   *     partitions, hash seed, checksums. Size and owners are not looked at
   * @param wait how long to wait for other processes that make, attach or close it, up to a day; the making itself is
   *     not counted. {@link #close} waits as long
   * @throws RegionFileException when the file or its place is not fit for this; the file is as before then
   * @throws IOException when it cannot be read or written, or the thread is interrupted
   * @throws IllegalArgumentException when there is no region of such a size
   */
  public static SharedRegion open(Path file, FileSize size, StoreOptions base, Duration wait) throws IOException {
    return open(file, size, base, false, wait, Host.THIS);
  }

  /**
   * As {@link #open(Path, FileSize, StoreOptions, Duration)}, for who keeps values in another form and has the user's
   * flags tell of each whether it is.
   *
   * @param packed whether a region that is made is for that, {@link #isPacked}; one that is there says so itself
   */
  public static SharedRegion open(Path file, FileSize size, StoreOptions base, boolean packed, Duration wait)
      throws IOException {
    return open(file, size, base, packed, wait, Host.THIS);
  }

  /**
   * As {@link #open(Path, FileSize, StoreOptions, Duration)}, with a size that is its own limit.
   *
   * @param bytes the size; 0 for an existing file of whatever size
   */
  public static SharedRegion open(Path file, long bytes, StoreOptions base, Duration wait) throws IOException {
    return open(file, FileSize.upTo(bytes), base, false, wait, Host.THIS);
  }

  static SharedRegion open(Path file, long bytes, StoreOptions base, Duration wait, Host host) throws IOException {
    return open(file, FileSize.upTo(bytes), base, wait, host);
  }

  static SharedRegion open(Path file, FileSize size, StoreOptions base, Duration wait, Host host) throws IOException {
    return open(file, size, base, false, wait, host);
  }

  static SharedRegion open(
      Path file, FileSize size, StoreOptions base, boolean packed, Duration wait, Host host) throws IOException {
    return new SharedRegion(
        OpenedFile.open(file, new OpeningRequest(RegionKind.SHARED, size, false, packed, base), wait, host));
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
   * Whether a value may be kept in another form than it was put in, as the user's flags of its entry tell. It is
   * decided by who makes the file, and never changes: all who have it open know the same.
   */
  public boolean isPacked() {
    return opened.attachment().isPacked();
  }

  /**
   * Looks whether the file is still what it was: if it has been cut or overwritten the store is given up, {@link
   * Store#isLost()}, before anybody meets a page that is gone; if it has been deleted or replaced the log says so once.
   * To be called about once a second. A few system calls.
   */
  public void look() {
    opened.attachment().look();
  }

  /**
   * Makes the region larger or smaller, while this and other processes go on using it; entries are evicted as far as
   * need be. It takes as long as reserving the space or sweeping the entries does. If this process is killed meanwhile
   * another one that {@linkplain #look looks} goes on with it.
   *
   * <p>The file keeps its length, that of its limit; what changes is how much of it takes space. Where the file system
   * cannot take space out of the middle of a file, or writes each change to a new place, the cache becomes smaller and
   * the file does not.
   *
   * @param bytes the size wanted, up to the limit
   * @return the size that was reached, {@link Store#resize}
   * @throws RegionFileException when there is no space; the region is as large as it could become then
   * @throws IOException when the file cannot be reached
   * @throws IllegalArgumentException when the size is above the limit, or too small for the partitions
   * @throws io.larder.engine.PartitionBusyException when another process is at this, and does not come to its end
   */
  public long resize(long bytes) throws IOException {
    return opened.attachment().resize(bytes);
  }

  /** The number of this process among those attached, 0 to 63. */
  public int attachment() {
    return opened.attachment().slot();
  }

  /** The real path of the file. */
  public Path file() {
    return opened.file();
  }

  /**
   * Tells others, who look into the file, of this process's hits and misses so far, and of its loads since it was last
   * called. To be called about once a second.
   */
  public void publish(long moreLoads, long moreLoadFailures) {
    opened.attachment().publish(moreLoads, moreLoadFailures);
  }

  /** Who this process is in the locks of the region, and who is dead. */
  LockOwners owners() {
    return opened.attachment().owners();
  }

  /**
   * Gives the region up. The last close of a file in a JVM unmaps it: operations of the store that are under way, or
   * come later, throw {@link IllegalStateException}. A writer that is cut off leaves what a killed process leaves, so
   * let writers end before. If no other process is attached everything is written to the disk first.
   */
  @Override
  public void close() {
    opened.close();
  }
}
