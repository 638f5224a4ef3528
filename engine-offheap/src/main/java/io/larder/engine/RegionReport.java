package io.larder.engine;

import java.util.List;

/**
 * What is in a region at about one moment, found out without its locks. Times are in milliseconds since 1970.
 *
 * @param partitions the partitions in their order
 * @param classes the size classes that have slabs, the smallest blocks first
 * @param bytes what each byte of the region is for
 * @param expiries when the entries expire
 */
public record RegionReport(
    List<PartitionReport> partitions, List<ClassReport> classes, Ledger bytes, List<Expiry> expiries) {

  /**
   * One partition.
   *
   * @param partition its number
   * @param entries entries, expired ones that are not removed yet included
   * @param leases values that are being loaded
   * @param payloadBytes keys and values
   * @param lockToken who holds its lock, 0 for nobody
   * @param repairs how often it was repaired after a writer had died
   * @param repairNanos how long that took in all
   * @param resizedPercent how much of its table has been moved to another size; -1 while none is
   * @param slabs slabs of blocks
   * @param tables slabs of its index
   * @param puts values stored since the region was made
   * @param removals entries removed by a call
   * @param evictions entries evicted
   * @param expirations entries removed because their time was over
   * @param corruptions entries dropped because of a wrong checksum
   */
  public record PartitionReport(
      int partition,
      long entries,
      long leases,
      long payloadBytes,
      long lockToken,
      long repairs,
      long repairNanos,
      int resizedPercent,
      int slabs,
      int tables,
      long puts,
      long removals,
      long evictions,
      long expirations,
      long corruptions) {}

  /**
   * One size class.
   *
   * @param blockBytes the bytes of a block
   * @param slabs its slabs
   * @param blocks the blocks in them
   * @param live how many of these are allocated
   */
  public record ClassReport(int blockBytes, int slabs, long blocks, long live) {
    /** The part of its blocks that is free, 0 to 1. */
    public double freeShare() {
      return blocks == 0 ? 0 : (double) (blocks - live) / blocks;
    }
  }

  /**
   * The bytes of the region; they add up to its limit.
   *
   * @param superblock the first page
   * @param partitionRecords the records of the partitions
   * @param descriptors those of the slabs
   * @param directories what names the slabs of the index
   * @param padding up to the first slab
   * @param tables the slabs of the index
   * @param blocksLive allocated blocks but for the next two
   * @param blocksSpare blocks that the next overwrite takes
   * @param blocksQuarantined blocks that are not used any more
   * @param blocksFree free blocks in slabs of blocks
   * @param slabEnds what is lost at the ends of these slabs
   * @param slabsFree slabs that belong to nobody
   * @param slabsWithoutSpace slabs that take no space: by so much the region can still grow
   * @param tail behind the last slab
   */
  public record Ledger(
      long superblock,
      long partitionRecords,
      long descriptors,
      long directories,
      long padding,
      long tables,
      long blocksLive,
      long blocksSpare,
      long blocksQuarantined,
      long blocksFree,
      long slabEnds,
      long slabsFree,
      long slabsWithoutSpace,
      long tail) {
    /** All of them. */
    public long sum() {
      return superblock + partitionRecords + descriptors + directories + padding + tables + blocksLive + blocksSpare
          + blocksQuarantined + blocksFree + slabEnds + slabsFree + slabsWithoutSpace + tail;
    }
  }

  /**
   * How many entries expire within a time from now.
   *
   * @param within what time: {@code expired} for none, {@code never} for those that do not expire
   * @param entries how many there are that expire no sooner
   */
  public record Expiry(String within, long entries) {}
}
