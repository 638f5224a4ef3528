package io.larder.mmap;

import io.larder.allocator.FieldOffset;
import io.larder.allocator.Memory;
import io.larder.allocator.SegmentMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * What one attached process counts for itself, told to others by a line in its lock file: the region has no room for
 * what readers count, and readers are to write to no line that others read. The process writes it about once a second.
 *
 * <p>It is mapped, and by the one channel that holds the lock: writing through a channel could drop the lock if the
 * thread is interrupted. Numbers are of one epoch of the slot; others who read it compare that with the slot's record.
 *
 * <p>Any thread.
 */
final class ProcessCounters implements AutoCloseable {
  /** The line. */
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("epoch"),
          ValueLayout.JAVA_LONG.withName("hits"),
          ValueLayout.JAVA_LONG.withName("misses"),
          ValueLayout.JAVA_LONG.withName("loads"),
          ValueLayout.JAVA_LONG.withName("loadFailures"),
          ValueLayout.JAVA_LONG.withName("promotions"),
          ValueLayout.JAVA_LONG.withName("cleanSkips"),
          ValueLayout.JAVA_LONG.withName("dropped"));

  private static final long EPOCH_OFFSET = offset("epoch");
  private static final long HITS_OFFSET = offset("hits");
  private static final long MISSES_OFFSET = offset("misses");
  private static final long LOADS_OFFSET = offset("loads");
  private static final long LOAD_FAILURES_OFFSET = offset("loadFailures");
  private static final long PROMOTIONS_OFFSET = offset("promotions");
  private static final long CLEAN_SKIPS_OFFSET = offset("cleanSkips");
  private static final long DROPPED_OFFSET = offset("dropped");
  private static final int BYTES = (int) LAYOUT.byteSize();

  private final Memory memory;

  private ProcessCounters(Memory memory) {
    this.memory = memory;
  }

  private static long offset(String name) {
    return FieldOffset.of(LAYOUT, name);
  }

  /** Makes those of an epoch, all zero, in a lock file whose lock is held by its channel. */
  static ProcessCounters begin(FileChannel channel, long epoch, Views views) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocate(BYTES);
    while (zeros.hasRemaining()) {
      // Written before it is mapped, so that it has its place on the disk.
      channel.write(zeros, zeros.position());
    }
    Arena arena = Arena.ofShared();
    try {
      Memory memory =
          views.ofLockFile(
              new SegmentMemory(channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena), arena));
      memory.setLongRelease(EPOCH_OFFSET, epoch);
      return new ProcessCounters(memory);
    } catch (Throwable failure) {
      arena.close();
      throw failure;
    }
  }

  /** Tells of hits and misses so far, and of loads since it was last called. */
  void publish(long hits, long misses, long moreLoads, long moreLoadFailures) {
    memory.setLongOpaque(HITS_OFFSET, hits);
    memory.setLongOpaque(MISSES_OFFSET, misses);
    memory.getAndAddLong(LOADS_OFFSET, moreLoads);
    memory.getAndAddLong(LOAD_FAILURES_OFFSET, moreLoadFailures);
  }

  /** Tells, of the tier of a cache, what became of entries so far between that and the memory above. */
  void publishTier(long promotions, long cleanSkips, long dropped) {
    memory.setLongOpaque(PROMOTIONS_OFFSET, promotions);
    memory.setLongOpaque(CLEAN_SKIPS_OFFSET, cleanSkips);
    memory.setLongOpaque(DROPPED_OFFSET, dropped);
  }

  /** What the process of an epoch has told. */
  AttachmentReport.Counts counts() {
    return new AttachmentReport.Counts(
        memory.getLongOpaque(HITS_OFFSET),
        memory.getLongOpaque(MISSES_OFFSET),
        memory.getLongOpaque(LOADS_OFFSET),
        memory.getLongOpaque(LOAD_FAILURES_OFFSET),
        memory.getLongOpaque(PROMOTIONS_OFFSET),
        memory.getLongOpaque(CLEAN_SKIPS_OFFSET),
        memory.getLongOpaque(DROPPED_OFFSET));
  }

  /** What the process of an epoch has told, from its lock file; zeros when it has told nothing. */
  static AttachmentReport.Counts read(FileChannel channel, long epoch) throws IOException {
    ByteBuffer line = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int bytes = channel.read(line, 0);
    if (bytes < BYTES || line.getLong((int) EPOCH_OFFSET) != epoch) {
      return AttachmentReport.Counts.NONE;
    }
    return new AttachmentReport.Counts(
        line.getLong((int) HITS_OFFSET),
        line.getLong((int) MISSES_OFFSET),
        line.getLong((int) LOADS_OFFSET),
        line.getLong((int) LOAD_FAILURES_OFFSET),
        line.getLong((int) PROMOTIONS_OFFSET),
        line.getLong((int) CLEAN_SKIPS_OFFSET),
        line.getLong((int) DROPPED_OFFSET));
  }

  @Override
  public void close() {
    memory.close();
  }
}
