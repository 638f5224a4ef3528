package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SlabLayout;

/**
 * Mends a partition whose lock was held by a process that was killed, where that process has written down what it was
 * about: in a time that does not grow with the entries. For the one who has taken the lock over.
 *
 * <p>That is a process that has just been started, more often than not, and loading classes would take longer than all
 * else. So it is made when the store is opened, may be used again, and its way leads to no class that is not there by
 * then, and to no lambda.
 *
 * <pre>
 * REP-2  What is not written down is whole
 *   Words      : those of ALC-4 and IDX-4; counted: the counters as they will be when the index has been changed;
 *                reopening: a closed slab that is to be opened again; whole and clearing: something
 *                that is not described, and PartitionRepair's
 *   Argument   : slabs and index are made whole first. Then, if newBlock is named by the index, or there is none and
 *                oldBlock is not named, the change has taken place, and the counters that are written down hold. A
 *                block that is not named is freed, with its chain
 *   Building   : buildingAfter is written, then counted, then newBlock or oldBlock changes, then building, each
 *                behind a fence: a new block that is newBlock no more is its builder's; a built entry that is newBlock
 *                is the lock holder's; a dead builder's block that is oldBlock is to be freed. building may be written
 *                twice; so where counted is emptied late, and newBlock is a piece by then, nothing is wrong
 *   Moves      : an entry's further blocks name newBlock, one after the other, before its slot does: where the slot
 *                names oldBlock they name it again. Of a further block the link decides as the slot of an entry does
 *   Order      : the counters before newBlock is emptied, the freeing before oldBlock is; so either is found until
 *                nothing is left to do for it
 *   Killed     : whole is set before anything is mended, so the next one is PartitionRepair
 *   Checked by : CrashAtEveryStoreTest
 * </pre>
 */
final class WrittenRepair implements IndexRepair.Blocks {
  private final Memory memory;
  private final Entries entries;
  private final Partition partition;
  private final PartitionSlabs slabs;
  private final IndexRepair index;
  private final OffsetSet named = new OffsetSet();

  /** What is read only for its class to be there goes here, so that the compiler does not leave it out. */
  long looked;

  WrittenRepair(Memory memory, RegionGeometry geometry, Entries entries, Partition partition) {
    this.memory = memory;
    this.entries = entries;
    this.partition = partition;
    this.slabs = partition.slabs;
    this.index = new IndexRepair(memory, Addresses.of(geometry), entries, slabs, this, partition.number);
    // Nothing else that is done before a repair needs these.
    this.looked = slabs.partition(0) + ContinuationLayout.HEAD_OFFSET;
  }

  /** Mends the partition; false when it has to be walked over, and nothing was done. */
  boolean run() {
    if (partition.get(PartitionLayout.WHOLE_OFFSET) != 0
        || partition.get(PartitionLayout.CLEARING_OFFSET) != 0
        || slabs.isRelinking()) {
      return false;
    }
    partition.beginUndescribed();
    mendSlabs();
    mendIndex();
    mendBlocks();
    memory.releaseFence();
    partition.forgetWritten();
    return true;
  }

  private void mendSlabs() {
    int draining = partition.getInt(PartitionLayout.DRAINING_OFFSET) - 1;
    if (draining != PartitionSlabs.NO_SLAB
        && (slabs.state(draining) != SlabLayout.DRAINING || slabs.partition(draining) != partition.number)) {
      draining = PartitionSlabs.NO_SLAB;
      partition.putInt(PartitionLayout.DRAINING_OFFSET, 0);
    }
    slabs.mendLists();
    slabs.mendInHand(draining);
    slabs.mendTouched(draining);
    int reopening = partition.getInt(PartitionLayout.REOPENING_OFFSET) - 1;
    if (reopening != PartitionSlabs.NO_SLAB) {
      slabs.mend(reopening, draining);
    }
  }

  private void mendIndex() {
    named.clear();
    index.mendWritten();
    if (partition.getInt(PartitionLayout.STEPPING_OFFSET) != 0) {
      index.freeObsoleteTables();
    }
  }

  @Override
  public boolean isBlock(long offset) {
    return slabs.isAllocated(offset);
  }

  @Override
  public boolean mark(long block) {
    return named.add(block);
  }

  @Override
  public void see(long block) {}

  private void mendBlocks() {
    long newBlock = slabs.newBlock();
    long oldBlock = slabs.oldBlock();
    boolean newNamed = newBlock != PartitionSlabs.NO_BLOCK && isNamed(newBlock);
    boolean oldNamed = oldBlock != PartitionSlabs.NO_BLOCK && isNamed(oldBlock);
    if (hasTakenPlace(newBlock, newNamed, oldBlock, oldNamed)) {
      partition.applyCounted();
    }
    if (oldNamed && newBlock != PartitionSlabs.NO_BLOCK) {
      partition.mendHeads(oldBlock, newBlock);
    }
    // The old one first: the new one may be a piece of it that was to be cut off.
    if (oldBlock != PartitionSlabs.NO_BLOCK && !oldNamed) {
      partition.freeRest(oldBlock);
    }
    if (newBlock != PartitionSlabs.NO_BLOCK && !newNamed) {
      partition.freeRest(newBlock);
    }
  }

  /** Whether what the counters were to be counted for has been done. */
  private boolean hasTakenPlace(long newBlock, boolean newNamed, long oldBlock, boolean oldNamed) {
    return switch ((int) partition.get(PartitionLayout.COUNTED_OFFSET)) {
      case PartitionLayout.BUILDING_MORE -> newBlock == PartitionSlabs.NO_BLOCK;
      case PartitionLayout.BUILDING_FEWER -> newBlock != PartitionSlabs.NO_BLOCK;
      case PartitionLayout.BUILDING_FREED -> oldBlock != PartitionSlabs.NO_BLOCK;
      default -> newBlock != PartitionSlabs.NO_BLOCK ? newNamed : oldBlock != PartitionSlabs.NO_BLOCK && !oldNamed;
    };
  }

  /** Whether a block is an entry that a slot names, or a further block that is in the chain of such an entry. */
  private boolean isNamed(long block) {
    if (!slabs.isAllocated(block) || !entries.canBeAt(block, 0)) {
      return false;
    }
    if (!entries.is(block, EntryLayout.CONTINUATION)) {
      return partition.slotOf(block) != HashIndex.NO_SLOT;
    }
    long head = entries.head(block);
    return partition.hasOwner(block) && partition.slotOf(head) != HashIndex.NO_SLOT;
  }
}
