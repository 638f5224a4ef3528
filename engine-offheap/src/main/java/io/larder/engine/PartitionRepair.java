package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabPool;
import io.larder.allocator.SlabsRepair;
import java.util.HashMap;
import java.util.Map;

/**
 * Mends a partition whose lock was held by a process that was killed, whatever it was about, by a walk over all of it:
 * for what {@link WrittenRepair} leaves to it. Used once, by the one who has taken the lock over.
 *
 * <pre>
 * REP-1  A killed writer leaves the old state, the new one, or a leak, and repair makes a whole partition of each
 *   Truth      : shape, resize and directories; the references in slots; the chains of the entries that these name; the
 *                bitmaps; the descriptors' words of state, class and partition; the hand
 *   Derived    : all else of the partition, made anew from the truth: stamps, tags, distances and pass (IndexRepair);
 *                live, hint, ring, lists, spares (SlabsRepair); earliest expiries and the counters (here)
 *   Blocks     : one that a slot or a chain names stays; so do blocks that a living process is building, and those that
 *                are quarantined; any other is a leak
 *   Readers    : go on, IDX-1; they may meet buckets with odd stamps until these are mended, and then want the lock
 *   Killed     : the lock keeps the repairer's token, and the next one begins again: nothing of the truth is destroyed
 *                before it is in its place. While links are rewritten the descriptors alone are the truth, ALC-2
 *   Checked by : CrashAtEveryStoreTest
 * </pre>
 */
final class PartitionRepair implements IndexRepair.Blocks {
  private final Memory memory;
  private final Entries entries;
  private final Partition partition;
  private final PartitionSlabs slabs;
  private final LockOwners owners;
  private final SlabsRepair blocks;
  private final IndexRepair index;
  private final Map<Integer, Boolean> alive = new HashMap<>();
  private final Map<Integer, Long> earliestExpiries = new HashMap<>();
  private long entryCount;
  private long leases;
  private long payloadBytes;
  private long building;
  private long quarantinedBytes;

  PartitionRepair(
      Memory memory,
      RegionGeometry geometry,
      SizeClasses classes,
      SlabPool pool,
      Entries entries,
      Partition partition,
      LockOwners owners) {
    this.memory = memory;
    this.entries = entries;
    this.partition = partition;
    this.slabs = partition.slabs;
    this.owners = owners;
    this.blocks = new SlabsRepair(memory, geometry, classes, pool, slabs, partition.number);
    this.index = new IndexRepair(memory, Addresses.of(geometry), entries, slabs, this, partition.number);
  }

  /** Mends the partition; if its writer was about to clear it, clears it to the end. */
  void run() {
    boolean clearing = partition.get(PartitionLayout.CLEARING_OFFSET) != 0;
    if (clearing) {
      // Before any block is freed, so that no reader is led to it.
      partition.index.empty();
    } else {
      index.mend();
    }
    blocks.keepUnmarked(this::staysUnnamed);
    partition.putInt(PartitionLayout.DRAINING_OFFSET, 0);
    blocks.forEachSlab(slab -> slabs.setEarliestExpiry(slab, earliestExpiries.getOrDefault(slab, 0L)));
    blocks.finish();
    if (clearing) {
      partition.index.freeOtherTables();
    } else {
      index.freeObsoleteTables();
    }
    partition.set(PartitionLayout.ENTRIES_OFFSET, entryCount);
    partition.set(PartitionLayout.LEASES_OFFSET, leases);
    partition.set(PartitionLayout.PAYLOAD_BYTES_OFFSET, payloadBytes);
    partition.set(PartitionLayout.BUILDING_OFFSET, building);
    partition.set(PartitionLayout.QUARANTINED_BYTES_OFFSET, quarantinedBytes);
    memory.releaseFence();
    partition.forgetWritten();
    partition.set(PartitionLayout.CLEARING_OFFSET, 0);
  }

  @Override
  public boolean isBlock(long offset) {
    return blocks.isBlock(offset);
  }

  @Override
  public boolean mark(long block) {
    return blocks.mark(block);
  }

  @Override
  public void see(long entry) {
    int flags = entries.flags(entry);
    if ((flags & EntryLayout.LEASE) != 0) {
      leases++;
    } else {
      entryCount++;
      payloadBytes += entries.keyLength(entry) + entries.valueBytes(entry);
    }
    if ((flags & (EntryLayout.TERMS | EntryLayout.IDLE | EntryLayout.CHAINED)) != 0) {
      seeOptions(entry);
    }
  }

  private void seeOptions(long entry) {
    long expiry = entries.reclaimMillis(entry, partition.clock);
    if (expiry != 0) {
      earliestExpiries.merge(slabs.slabOf(entry), expiry, Math::min);
    }
    int reference = entries.reference(entry);
    long next = entries.firstContinuation(entry);
    while (next != 0 && blocks.isBlock(next) && entries.is(next, EntryLayout.CONTINUATION) && blocks.mark(next)) {
      if (entries.head(next) != entry) {
        memory.putInt(next + ContinuationLayout.HEAD_OFFSET, reference);
      }
      next = entries.nextContinuation(next);
    }
  }

  private boolean staysUnnamed(long block) {
    if (entries.isQuarantined(block)) {
      quarantinedBytes += slabs.blockBytesOf(block);
      return true;
    }
    // What is in a new block that has not been written may look like anything.
    boolean stays = block != slabs.newBlock() && partition.isBuilding(block) && isAlive(partition.builder(block));
    building += stays ? 1 : 0;
    return stays;
  }

  private boolean isAlive(int token) {
    return token != 0 && alive.computeIfAbsent(token, asked -> !owners.isDead(Integer.toUnsignedLong(asked)));
  }
}
