package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Checks a region without its locks, while others write to it.
 *
 * <p>Since anything may change between two looks, nothing counts before it is confirmed. There are three kinds of
 * checks. What a bucket names is judged with the bucket's stamp, see {@link IndexWalk}: a block is allocated before a
 * slot names it and freed after, so while the stamp stays the same block, entry and chain must be in order. What a
 * partition keeps twice (counts, lists, bitmaps) is judged by {@link StoreValidator} when the lock is free and not a
 * byte of the partition's record differs before and after, which any write would change; a fault must be seen so three
 * times. That each slab is in one place is judged by walks over all lists: a fault must be there in each of several.
 *
 * <p>Used once, by one thread. Allocates in proportion to a partition.
 */
final class StoreVerifier {
  private static final int FINDINGS_MAX = 100;
  private static final int JUDGE_ATTEMPTS = 12;
  private static final int JUDGE_CONFIRMATIONS = 3;
  private static final long PAUSE_NANOS = 3_000_000;

  private final Memory memory;
  private final RegionGeometry geometry;
  private final SizeClasses classes;
  private final SlabPool pool;
  private final Entries entries;
  private final Partition[] partitions;
  private final boolean checksums;
  private final Addresses where;
  private final Set<String> findings = new HashSet<>();
  private final List<String> found = new ArrayList<>();
  private final List<String> unjudged = new ArrayList<>();
  private final Tally tally = new Tally();
  private int judged;

  /** What was looked at. */
  static final class Tally {
    long buckets;
    long entries;
    long furtherBlocks;
    long checksums;

    void add(Tally other) {
      buckets += other.buckets;
      entries += other.entries;
      furtherBlocks += other.furtherBlocks;
      checksums += other.checksums;
    }

    void clear() {
      buckets = 0;
      entries = 0;
      furtherBlocks = 0;
      checksums = 0;
    }
  }

  StoreVerifier(
      Memory memory,
      RegionGeometry geometry,
      SizeClasses classes,
      SlabPool pool,
      Entries entries,
      Partition[] partitions,
      boolean checksums) {
    this.memory = memory;
    this.geometry = geometry;
    this.classes = classes;
    this.pool = pool;
    this.entries = entries;
    this.partitions = partitions;
    this.checksums = checksums;
    this.where = Addresses.of(geometry);
  }

  VerifyReport verify() {
    for (Partition partition : partitions) {
      checkBuckets(partition);
      judge(partition);
    }
    SlabsCheck slabs = new SlabsCheck(memory, geometry, partitions);
    slabs.run();
    slabs.findings().forEach(this::find);
    if (!slabs.isJudged()) {
      unjudged.add("slabs were taken and given all the time: whether each is in one place was not judged");
    }
    return new VerifyReport(
        tally.buckets,
        tally.entries,
        tally.furtherBlocks,
        tally.checksums,
        geometry.slabCount(),
        judged,
        partitions.length,
        List.copyOf(found),
        List.copyOf(unjudged));
  }

  private void find(String finding) {
    if (found.size() < FINDINGS_MAX && findings.add(finding)) {
      found.add(finding);
    }
  }

  private void checkBuckets(Partition partition) {
    BucketCheck check = new BucketCheck(partition);
    boolean whole = new IndexWalk(memory, where).walk(partition.number, check);
    tally.add(check.seen);
    check.confirmed.forEach(this::find);
    if (check.busy > 0) {
      unjudged.add(check.busy + " buckets of partition " + partition.number + " are being changed" + holder(partition));
    }
    if (!whole) {
      unjudged.add("the index of partition " + partition.number + " is being resized all the time");
    }
  }

  private String holder(Partition partition) {
    long token = partition.get(PartitionLayout.LOCK_OFFSET);
    return token == 0 ? "" : ", locked by token " + token;
  }

  /** Compares what is kept twice about a partition, in a moment when nobody writes to it. */
  private void judge(Partition partition) {
    String fault = null;
    int seen = 0;
    for (int attempt = 0; attempt < JUDGE_ATTEMPTS; attempt++) {
      byte[] before = record(partition);
      boolean free = partition.get(PartitionLayout.LOCK_OFFSET) == 0;
      String now = free ? fault(partition) : null;
      if (free && Arrays.equals(before, record(partition))) {
        seen = now != null && now.equals(fault) ? seen + 1 : 1;
        fault = now;
        if (now == null || seen == JUDGE_CONFIRMATIONS) {
          judged++;
          if (now != null) {
            find(now);
          }
          return;
        }
      }
      LockSupport.parkNanos(PAUSE_NANOS * (attempt + 1));
    }
    unjudged.add(
        "partition " + partition.number + " never rested: its counts and lists were not judged" + holder(partition));
  }

  private byte[] record(Partition partition) {
    byte[] record = new byte[geometry.partitionBytes()];
    memory.copyOut(geometry.partitionOffset(partition.number), record, 0, record.length);
    return record;
  }

  /** The first fault of a partition; null when there is none. Damage may lead anywhere, so all failures are faults. */
  private @Nullable String fault(Partition partition) {
    try {
      new StoreValidator(memory, geometry, classes, pool, entries, partitions, checksums).check(partition);
      return null;
    } catch (AssertionError | RuntimeException damaged) {
      return "partition " + partition.number + ": " + damaged.getMessage();
    }
  }

  /** Checks what the slots of a bucket name. */
  private final class BucketCheck implements IndexWalk.Visitor {
    private final Partition partition;
    private final Tally seen = new Tally();
    private final Tally now = new Tally();
    private final List<String> confirmed = new ArrayList<>();
    private final List<String> tentative = new ArrayList<>();
    private long busy;

    BucketCheck(Partition partition) {
      this.partition = partition;
    }

    @Override
    public void begin() {
      seen.clear();
      busy = 0;
    }

    @Override
    public void look(IndexWalk.Place place) {
      tentative.clear();
      now.clear();
      now.buckets = 1;
      for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
        String at =
            "slot " + slot + " of bucket " + place.index() + " of partition " + partition.number + ", table "
                + place.table();
        String fault;
        try {
          fault = fault(place, slot);
        } catch (RuntimeException garbage) {
          fault = "leads to garbage: " + garbage.getMessage();
        }
        if (!fault.isEmpty()) {
          tentative.add(at + " " + fault);
        }
      }
    }

    @Override
    public void accept(IndexWalk.Place place) {
      seen.add(now);
      confirmed.addAll(tentative);
    }

    @Override
    public void busy(IndexWalk.Place place) {
      busy++;
    }

    /** What is wrong with a slot and what it names; empty for nothing. */
    private String fault(IndexWalk.Place place, int slot) {
      int reference = memory.getInt(BucketLayout.slot(place.bucket(), slot));
      int tag = memory.getByte(BucketLayout.tagOf(place.bucket(), slot));
      if (reference == 0) {
        return tag == 0 ? "" : "is empty but has tag " + tag;
      }
      long entry = entries.offset(reference);
      PartitionSlabs slabs = partition.slabs;
      if (!slabs.isInUse(entry)) {
        return "names offset " + entry + ", which is no allocated block";
      }
      int flags = entries.flags(entry);
      if ((flags & EntryLayout.NO_ENTRY) != 0) {
        return "names the block at " + entry + ", which is no entry";
      }
      int blockBytes = slabs.blockBytesOf(entry);
      int keyEnd = EntryLayout.keyOffset(flags) + entries.keyLength(entry);
      if (keyEnd > blockBytes) {
        return "names the entry at " + entry + ", whose key is longer than its block";
      }
      int inline = entries.inlineLength(entry);
      if (inline < 0 || inline > blockBytes - keyEnd || inline > entries.valueLength(entry)) {
        return "names the entry at " + entry + ", whose value does not fit its block";
      }
      now.entries++;
      String placed = misplaced(place, slot, tag, entries.hash(entry));
      return placed.isEmpty() ? contentFault(entry, inline) : placed;
    }

    private String misplaced(IndexWalk.Place place, int slot, int tag, long hash) {
      if (tag != BucketLayout.tag(hash)) {
        return "has tag " + tag + ", its key has " + BucketLayout.tag(hash);
      }
      if (where.partition(hash) != partition.number) {
        return "names an entry whose key belongs to partition " + where.partition(hash);
      }
      long home = PartitionLayout.home(hash, place.count());
      if (home < place.firstHome()) {
        return "";
      }
      long distance = place.index() - home;
      if (distance < 0 || distance > HashIndex.SPILL_BUCKETS) {
        return "names an entry whose home is bucket " + home;
      }
      int noted = BucketLayout.distance(place.stamp(), slot);
      if (noted != Math.min(distance, BucketLayout.DISTANCE_FAR)) {
        return "is " + distance + " buckets behind its home, noted are " + noted;
      }
      for (long index = home; index < place.index(); index++) {
        long directory = where.directory(partition.number, place.table());
        int chunk = memory.getIntAcquire(where.directoryWord(directory, index));
        if (chunk > 0 && memory.getByte(where.bucket(chunk, index) + BucketLayout.PASS_OFFSET) == 0) {
          return "cannot be found: bucket " + index + " on its way has pass 0";
        }
      }
      return "";
    }

    private String contentFault(long entry, int inline) {
      long version = entries.version(entry);
      if (version < 1 || version > partition.get(PartitionLayout.VERSION_OFFSET)) {
        return "names the entry at " + entry + " with version " + version + ", the partition is at "
            + partition.get(PartitionLayout.VERSION_OFFSET);
      }
      long left = entries.valueLength(entry) - (long) inline;
      long next = entries.firstContinuation(entry);
      while (left > 0) {
        if (!partition.slabs.isAllocated(next) || !entries.is(next, EntryLayout.CONTINUATION)) {
          return "names the entry at " + entry + ", whose chain leads to offset " + next + " with " + left
              + " bytes to come";
        }
        int length = entries.continuationLength(next);
        if (length <= 0
            || length > left
            || length > partition.slabs.blockBytesOf(next) - ContinuationLayout.HEADER_BYTES) {
          return "names the entry at " + entry + ", with " + length + " bytes in the further block at " + next;
        }
        now.furtherBlocks++;
        left -= length;
        next = entries.nextContinuation(next);
      }
      if (next != 0) {
        return "names the entry at " + entry + ", whose chain goes on behind its end";
      }
      if (checksums) {
        now.checksums++;
        if (entries.checksum(entry, entries.hash(entry)) != memory.getInt(entry + EntryLayout.CHECKSUM_OFFSET)) {
          return "names the entry at " + entry + ", whose checksum is wrong";
        }
      }
      return "";
    }
  }
}
