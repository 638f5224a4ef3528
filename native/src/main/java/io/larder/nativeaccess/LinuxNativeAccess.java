package io.larder.nativeaccess;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * The calls of Linux on x86-64 and aarch64.
 *
 * <p>Long requests are cut into pieces: huge pages are collapsed one by one, so that the answer can say how many there
 * are (the kernel itself tells only whether there was a failure), and populating and counting go by bounded chunks.
 */
final class LinuxNativeAccess implements NativeAccess {
  // Advice of madvise(2), asm-generic/mman-common.h.
  static final int MADV_HUGEPAGE = 14;
  static final int MADV_RANDOM = 1;
  static final int MADV_WILLNEED = 3;
  static final int MADV_POPULATE_READ = 22;
  static final int MADV_POPULATE_WRITE = 23;
  static final int MADV_COLLAPSE = 25;

  /** The kernel says EAGAIN for a page that somebody else holds for an instant. */
  static final int COLLAPSE_ATTEMPTS_MAX = 3;

  /**
   * So many huge pages in a row that cannot be had mean that there are none: each further try costs a search by the
   * kernel.
   */
  static final int COLLAPSE_FAILURES_MAX = 8;

  static final long POPULATE_BYTES_MAX = 64L << 20;
  static final int RESIDENCY_PAGES_MAX = 16_384;

  private static final Logger LOG = System.getLogger("io.larder.nativeaccess");
  private static final int NO_ERROR = 0;

  private final JnrLibc.Libc libc;
  private final IntSupplier lastErrno;
  private final TransparentHugePages hugePages;
  private final LinuxFiles files;
  private final long pageBytes;

  /**
   * Asks for the page size.
   *
   * @param lastErrno errno as the last call of this thread through {@code libc} left it
   * @throws IllegalStateException when the page size is not a power of two: then this is not the library it should be
   */
  LinuxNativeAccess(
      JnrLibc.Libc libc, IntSupplier lastErrno, TransparentHugePages hugePages, LinuxFiles files) {
    this.libc = libc;
    this.lastErrno = lastErrno;
    this.hugePages = hugePages;
    this.files = files;
    this.pageBytes = libc.getpagesize();
    if (pageBytes <= 0 || Long.bitCount(pageBytes) != 1) {
      throw new IllegalStateException("getpagesize()=" + pageBytes + " is not a power of two");
    }
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public long pageBytes() {
    return pageBytes;
  }

  @Override
  public long hugePageBytes() {
    return hugePages.pageBytes();
  }

  @Override
  public NativeResult adviseHugePages(MemorySegment segment) {
    return whileReachable(segment, () -> advise(PageRange.within(segment, pageBytes)));
  }

  private NativeResult advise(PageRange pages) {
    if (pages.isEmpty()) {
      return NativeResult.refused("the segment holds no whole page of " + pageBytes + " B");
    }
    int errno = madvise(pages.startAddress(), pages.bytes(), MADV_HUGEPAGE);
    if (errno != NO_ERROR) {
      return NativeResult.refused(SystemCall.ADVISE_HUGE_PAGES.refusal(errno));
    }
    return hugePages.isNever()
        ? NativeResult.done(
            pages.bytes(),
            "huge pages are off for private memory; write `madvise` to " + hugePages.enabledFile() + " to turn them on")
        : NativeResult.done(pages.bytes());
  }

  @Override
  public NativeResult collapse(MemorySegment segment) {
    return whileReachable(
        segment,
        () ->
            hugePageBytes() == 0
                ? NativeResult.unavailable("this kernel has no transparent huge pages, or /sys is not mounted")
                : collapse(PageRange.within(segment, hugePageBytes())));
  }

  private NativeResult collapse(PageRange pages) {
    if (pages.isEmpty()) {
      return NativeResult.refused("the segment holds no whole aligned huge page of " + hugePageBytes() + " B");
    }
    long collapsedBytes = 0;
    int failuresInARow = 0;
    int lastError = NO_ERROR;
    for (long address = pages.startAddress(); address < pages.endAddress(); address += hugePageBytes()) {
      int errno = collapseOne(address);
      if (errno == NO_ERROR) {
        collapsedBytes += hugePageBytes();
        failuresInARow = 0;
      } else {
        lastError = errno;
        if (++failuresInARow == COLLAPSE_FAILURES_MAX) {
          break;
        }
      }
    }
    return lastError == NO_ERROR
        ? NativeResult.done(collapsedBytes)
        : NativeResult.stopped(collapsedBytes, SystemCall.COLLAPSE.refusal(lastError));
  }

  private int collapseOne(long address) {
    int errno = NO_ERROR;
    for (int attempt = 0; attempt < COLLAPSE_ATTEMPTS_MAX; attempt++) {
      errno = madvise(address, hugePageBytes(), MADV_COLLAPSE);
      if (errno != SystemCall.EAGAIN) {
        break;
      }
    }
    return errno;
  }

  @Override
  public NativeResult lock(MemorySegment segment) {
    return whileReachable(segment, () -> allOrNone(segment, SystemCall.LOCK, libc::mlock));
  }

  @Override
  public NativeResult unlock(MemorySegment segment) {
    return whileReachable(segment, () -> allOrNone(segment, SystemCall.UNLOCK, libc::munlock));
  }

  private NativeResult allOrNone(MemorySegment segment, SystemCall call, RangeFunction function) {
    PageRange pages = PageRange.covering(segment, pageBytes);
    int errno = pages.isEmpty() ? NO_ERROR : errnoOf(function.apply(pages.startAddress(), pages.bytes()));
    return errno == NO_ERROR ? NativeResult.done(pages.bytes()) : NativeResult.refused(call.refusal(errno));
  }

  /** A function of the C library that takes an address and a number of bytes, and returns 0 or -1. */
  @FunctionalInterface
  private interface RangeFunction {
    int apply(long address, long bytes);
  }

  @Override
  public NativeResult populateRead(MemorySegment segment) {
    return whileReachable(segment, () -> populateRead(PageRange.covering(segment, pageBytes)));
  }

  private NativeResult populateRead(PageRange pages) {
    long doneBytes = 0;
    while (doneBytes < pages.bytes()) {
      long chunkBytes = Math.min(POPULATE_BYTES_MAX, pages.bytes() - doneBytes);
      int errno = madvise(pages.startAddress() + doneBytes, chunkBytes, MADV_POPULATE_READ);
      if (errno != NO_ERROR) {
        return NativeResult.stopped(doneBytes, SystemCall.POPULATE_READ.refusal(errno));
      }
      doneBytes += chunkBytes;
    }
    return NativeResult.done(doneBytes);
  }

  @Override
  public Population populate(MemorySegment segment, long offset, long bytes, boolean forWriting) {
    Objects.checkFromIndexSize(offset, bytes, segment.byteSize());
    PageRange.requireNative(segment);
    try {
      long start = PageRange.roundDown(segment.address() + offset, pageBytes);
      long coveringBytes = PageRange.roundUp(segment.address() + offset + bytes, pageBytes) - start;
      return bytes == 0 ? Population.DONE : populate(start, coveringBytes, forWriting);
    } finally {
      Reference.reachabilityFence(segment);
    }
  }

  private Population populate(long start, long coveringBytes, boolean forWriting) {
    if (coveringBytes > pageBytes) {
      // Advice: what comes of it, the next call finds out.
      madvise(start, coveringBytes, MADV_WILLNEED);
    }
    return switch (madvise(start, coveringBytes, forWriting ? MADV_POPULATE_WRITE : MADV_POPULATE_READ)) {
      case NO_ERROR -> Population.DONE;
      case SystemCall.EFAULT, SystemCall.EHWPOISON -> Population.NOTHING_BEHIND;
      case SystemCall.EINVAL -> Population.UNAVAILABLE;
      default -> Population.REFUSED;
    };
  }

  @Override
  public NativeResult adviseRandom(MemorySegment segment) {
    RangeFunction advise = (address, bytes) -> libc.madvise(address, bytes, MADV_RANDOM);
    return whileReachable(segment, () -> allOrNone(segment, SystemCall.ADVISE_RANDOM, advise));
  }

  @Override
  public long residentBytes(MemorySegment segment) {
    return whileReachable(segment, () -> countResident(segment));
  }

  private long countResident(MemorySegment segment) {
    PageRange pages = PageRange.covering(segment, pageBytes);
    long pageCount = pages.bytes() / pageBytes;
    byte[] residency = new byte[(int) Math.min(RESIDENCY_PAGES_MAX, pageCount)];
    long residentBytes = 0;
    for (long page = 0; page < pageCount; page += residency.length) {
      int count = (int) Math.min(residency.length, pageCount - page);
      int errno = errnoOf(libc.mincore(pages.startAddress() + page * pageBytes, count * pageBytes, residency));
      if (errno != NO_ERROR) {
        LOG.log(Level.DEBUG, SystemCall.RESIDENCY.refusal(errno));
        return UNKNOWN_BYTES;
      }
      residentBytes += residentPages(residency, count) * pageBytes;
      if (page == 0 && isResident(residency[0])) {
        residentBytes -= segment.address() - pages.startAddress();
      }
      if (page + count == pageCount && isResident(residency[count - 1])) {
        residentBytes -= pages.endAddress() - (segment.address() + segment.byteSize());
      }
    }
    return residentBytes;
  }

  @Override
  public NativeResult reserve(Path file, Object fileKey, long from, long bytes) {
    return files.reserve(file, fileKey, from, bytes);
  }

  @Override
  public NativeResult giveBack(Path file, Object fileKey, long from, long bytes) {
    return files.giveBack(file, fileKey, from, bytes);
  }

  @Override
  public NativeResult dropCached(Path file, Object fileKey) {
    return files.dropCached(file, fileKey);
  }

  @Override
  public FileSystemType fileSystem(Path existing) {
    return files.fileSystem(existing);
  }

  private static long residentPages(byte[] residency, int count) {
    long pages = 0;
    for (int i = 0; i < count; i++) {
      pages += residency[i] & 1;
    }
    return pages;
  }

  private static boolean isResident(byte residency) {
    return (residency & 1) != 0;
  }

  private int madvise(long address, long bytes, int advice) {
    return errnoOf(libc.madvise(address, bytes, advice));
  }

  /**
   * Makes a request of which the kernel sees an address only, keeping an automatic arena from being collected
   * meanwhile.
   */
  private static <R> R whileReachable(MemorySegment segment, Supplier<R> request) {
    PageRange.requireNative(segment);
    try {
      return request.get();
    } finally {
      Reference.reachabilityFence(segment);
    }
  }

  /** The error of the call that just returned {@code result} to this thread. */
  private int errnoOf(int result) {
    return result == 0 ? NO_ERROR : lastErrno.getAsInt();
  }

  @Override
  public String toString() {
    return "native access: Linux calls through JNR-FFI, pageBytes=" + pageBytes + " hugePageBytes=" + hugePageBytes();
  }
}
