package io.larder.nativeaccess;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The twin that refuses everything, with the reason why, and says so once in the log.
 *
 * <p>It checks its arguments as the real one does, so that a mistake shows on every machine.
 */
final class NoNativeAccess implements NativeAccess {
  private static final Logger LOG = System.getLogger("io.larder.nativeaccess");

  static final NativeAccess SWITCHED_OFF = new NoNativeAccess("native access is switched off", Level.OFF);

  /** The smallest page of the machines Java runs on. */
  private static final long PAGE_BYTES = 4096;

  private final String reason;
  private final Level level;
  private final AtomicBoolean logged = new AtomicBoolean();

  /** The twin for this reason: why the calls are not available and what would make them so, without a full stop. */
  NoNativeAccess(String reason) {
    this(reason, Level.INFO);
  }

  private NoNativeAccess(String reason, Level level) {
    this.reason = reason;
    this.level = level;
  }

  @Override
  public boolean isAvailable() {
    return false;
  }

  @Override
  public long pageBytes() {
    return PAGE_BYTES;
  }

  @Override
  public long hugePageBytes() {
    return 0;
  }

  @Override
  public NativeResult adviseHugePages(MemorySegment segment) {
    return refuse(segment);
  }

  @Override
  public NativeResult collapse(MemorySegment segment) {
    return refuse(segment);
  }

  @Override
  public NativeResult lock(MemorySegment segment) {
    return refuse(segment);
  }

  @Override
  public NativeResult unlock(MemorySegment segment) {
    return refuse(segment);
  }

  @Override
  public NativeResult populateRead(MemorySegment segment) {
    return refuse(segment);
  }

  @Override
  public Population populate(MemorySegment segment, long offset, long bytes, boolean forWriting) {
    Objects.checkFromIndexSize(offset, bytes, segment.byteSize());
    PageRange.requireNative(segment);
    logOnce();
    return Population.UNAVAILABLE;
  }

  /** Not logged: it is asked for where a file is mapped, and populating it says more. */
  @Override
  public NativeResult adviseRandom(MemorySegment segment) {
    PageRange.requireNative(segment);
    return NativeResult.unavailable(reason);
  }

  @Override
  public long residentBytes(MemorySegment segment) {
    refuse(segment);
    return UNKNOWN_BYTES;
  }

  /** Not logged: whoever asks does the same in another way. */
  @Override
  public NativeResult reserve(Path file, Object fileKey, long from, long bytes) {
    LinuxFiles.requireRange(from, bytes);
    return NativeResult.unavailable(reason);
  }

  /** Not logged, since no more is lost than space. */
  @Override
  public NativeResult giveBack(Path file, Object fileKey, long from, long bytes) {
    LinuxFiles.requireRange(from, bytes);
    return NativeResult.unavailable(reason);
  }

  @Override
  public NativeResult dropCached(Path file, Object fileKey) {
    return NativeResult.unavailable(reason);
  }

  @Override
  public FileSystemType fileSystem(Path existing) {
    return FileSystemType.notTold(NativeResult.Outcome.UNAVAILABLE, reason);
  }

  private NativeResult refuse(MemorySegment segment) {
    PageRange.requireNative(segment);
    logOnce();
    return NativeResult.unavailable(reason);
  }

  private void logOnce() {
    if (level != Level.OFF && !logged.get() && logged.compareAndSet(false, true)) {
      LOG.log(level, "Huge pages, memory locks and residency are unavailable: {0}. Larder works without them.", reason);
    }
  }

  @Override
  public String toString() {
    return "no native access: " + reason;
  }
}
