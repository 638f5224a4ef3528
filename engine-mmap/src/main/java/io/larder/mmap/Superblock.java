package io.larder.mmap;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SegmentMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The first page of a region, mapped by itself: it is needed for a moment longer than the rest, which is unmapped
 * before an attachment is given up.
 *
 * <p>The records of attachments are written by their holders. Everything else is written under the {@code open} lock.
 */
final class Superblock implements AutoCloseable {
  /** Where Linux shows a process itself, by its number. */
  private static final Path SELF = Path.of("/proc/self");

  private final Memory memory;
  private final MemorySegment page;

  private Superblock(Memory memory, MemorySegment page) {
    this.memory = memory;
    this.page = page;
  }

  /** Maps the first page of a file that has one. */
  static Superblock map(FileChannel channel, Views views) throws IOException {
    SegmentMemory mapped = map(channel, RegionGeometry.PAGE_BYTES);
    return new Superblock(views.ofRegion(mapped), mapped.segment());
  }

  /** Maps the first bytes of a file that has as many. */
  static SegmentMemory map(FileChannel channel, long bytes) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      return new SegmentMemory(channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena), arena);
    } catch (Throwable failure) {
      arena.close();
      throw failure;
    }
  }

  /** Writes what a new region says about itself; its attachments are all zero. */
  void describe(long features, BootId bootId, long lockId) {
    memory.putLong(FileLayout.LAYOUT_FINGERPRINT_OFFSET, LayoutFingerprint.current());
    memory.putLong(FileLayout.COMPATIBLE_FEATURES_OFFSET, 0);
    memory.putLong(FileLayout.READ_ONLY_FEATURES_OFFSET, 0);
    memory.putLong(FileLayout.INCOMPATIBLE_FEATURES_OFFSET, features);
    memory.putLong(FileLayout.LOCK_ID_OFFSET, lockId);
    memory.putInt(FileLayout.CLEAN_OFFSET, FileLayout.UNCLEAN);
    setBootId(bootId);
  }

  /** Completes the superblock of a new region, when everything in it has been written. */
  void seal() {
    byte[] page = new byte[RegionGeometry.PAGE_BYTES];
    memory.copyOut(0, page, 0, page.length);
    memory.setIntRelease(
        FileLayout.CHECKSUM_OFFSET, Header.checksum(ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN)));
  }

  private void setBootId(BootId bootId) {
    memory.putLong(FileLayout.BOOT_ID_HIGH_OFFSET, bootId.high());
    memory.putLong(FileLayout.BOOT_ID_LOW_OFFSET, bootId.low());
  }

  /** Whether the last attachment has left, and nobody has come since. */
  boolean isClean() {
    return memory.getInt(FileLayout.CLEAN_OFFSET) == FileLayout.CLEAN;
  }

  /** Says on the disk that the region is going to be written to; before it is. */
  void begin(BootId bootId) {
    setBootId(bootId);
    memory.setIntRelease(FileLayout.CLEAN_OFFSET, FileLayout.UNCLEAN);
    force();
  }

  /** Says on the disk that the region is complete there; after it is. */
  void end() {
    memory.setIntRelease(FileLayout.CLEAN_OFFSET, FileLayout.CLEAN);
    force();
  }

  private void force() {
    page.force();
  }

  /** Whether values may be kept in another form. */
  boolean isPacked() {
    return (memory.getLong(FileLayout.INCOMPATIBLE_FEATURES_OFFSET) & FileLayout.PACKED) != 0;
  }

  /** The number that its lock files have, too. */
  long lockId() {
    return memory.getLong(FileLayout.LOCK_ID_OFFSET);
  }

  // ---- attachments

  /** How often a slot was taken. */
  long epochAcquire(int slot) {
    return memory.getLongAcquire(record(slot) + AttachmentLayout.EPOCH_OFFSET);
  }

  /** The epoch of a slot up to which nothing is left of its former owners. */
  long settledEpoch(int slot) {
    return memory.getLong(record(slot) + AttachmentLayout.SETTLED_EPOCH_OFFSET);
  }

  /** Whether a slot was taken and not given up; its owner may be dead. */
  boolean isTaken(int slot) {
    return memory.getIntAcquire(record(slot) + AttachmentLayout.STATE_OFFSET) != AttachmentLayout.FREE;
  }

  /** Notes that the holder of a slot's lock takes the slot; returns the new epoch. */
  long take(int slot) {
    long record = record(slot);
    memory.putInt(record + AttachmentLayout.PID_OFFSET, pid());
    memory.putLong(record + AttachmentLayout.STARTED_MILLIS_OFFSET, System.currentTimeMillis());
    memory.setIntRelease(record + AttachmentLayout.STATE_OFFSET, AttachmentLayout.ATTACHED);
    long epoch = epochAcquire(slot) + 1;
    memory.setLongRelease(record + AttachmentLayout.EPOCH_OFFSET, epoch);
    return epoch;
  }

  /** For people. The usual way makes the JVM ready to start processes, which takes a fresh one milliseconds. */
  private static int pid() {
    try {
      return Integer.parseInt(Files.readSymbolicLink(SELF).toString());
    } catch (IOException | NumberFormatException | UnsupportedOperationException notLinux) {
      return (int) ProcessHandle.current().pid();
    }
  }

  /** Notes that nothing is left of the owners of a slot up to an epoch. */
  void settle(int slot, long epoch) {
    memory.setLongRelease(record(slot) + AttachmentLayout.SETTLED_EPOCH_OFFSET, epoch);
  }

  /** Notes that the owner of a slot gives it up and leaves nothing behind. */
  void leave(int slot) {
    memory.setIntRelease(record(slot) + AttachmentLayout.STATE_OFFSET, AttachmentLayout.FREE);
  }

  private static long record(int slot) {
    return FileLayout.attachmentOffset(slot);
  }

  @Override
  public void close() {
    memory.close();
  }
}
