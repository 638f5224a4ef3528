package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabLayout;
import io.larder.allocator.SlabPool;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Walks a whole region that nobody writes, and compares everything that is kept twice. It is slow, and
 * allocates.
 */
final class StoreValidator {
  private final Memory memory;
  private final RegionGeometry geometry;
  private final SizeClasses classes;
  private final SlabPool pool;
  private final Entries entries;
  private final Partition[] partitions;
  private final boolean checksums;
  private final BitSet seenSlabs = new BitSet();

  StoreValidator(
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
  }

  void check() {
    int[] free = {0};
    pool.forEachFree(
        slab -> {
          seeSlab(slab, "the pool");
          equal(SlabLayout.FREE, partitions[0].slabs.state(slab), "state of free slab " + slab);
          free[0]++;
        });
    equal(free[0], pool.freeCount(), "count of free slabs");
    if (memory.getLong(RegionLayout.RESIZER_OFFSET) == 0) {
      equal(pool.end() - pool.countRetired(), pool.reservedCount(), "count of slabs with space");
    }
    for (int slab = 0; slab < geometry.slabCount(); slab++) {
      if (slab >= pool.end() || pool.isRetired(slab)) {
        seeSlab(slab, "those without space");
      }
    }
    for (Partition partition : partitions) {
      checkPartition(partition);
    }
    equal(geometry.slabCount(), seenSlabs.cardinality(), "slabs in the pool, in rings, in tables and without space");
  }

  /** Checks one partition that nobody writes to, whatever others do. */
  void check(Partition partition) {
    seenSlabs.clear();
    checkPartition(partition);
  }

  private void checkPartition(Partition partition) {
    checkTables(partition);
    Set<Long> named = checkIndex(partition);
    checkBlocks(partition, named);
  }

  private void seeSlab(int slab, String where) {
    if (slab < 0 || slab >= geometry.slabCount() || seenSlabs.get(slab)) {
      throw new AssertionError("slab " + slab + " is in " + where + " and elsewhere, or does not exist");
    }
    seenSlabs.set(slab);
  }

  private void checkTables(Partition partition) {
    int tables = 0;
    for (int table = 0; table < 2; table++) {
      for (int chunk = 0; chunk < geometry.directoryCapacity(); chunk++) {
        int reference =
            memory.getInt(geometry.directoryOffset(partition.number, table) + (long) chunk * Integer.BYTES);
        if (reference != 0) {
          seeSlab(reference - 1, "a directory");
          equal(SlabLayout.TABLE, partition.slabs.state(reference - 1), "state of table slab " + (reference - 1));
          tables++;
        }
      }
    }
    equal(tables, partition.slabs.tableCount(), "table slabs of partition " + partition.number);
  }

  /** Checks the index of a partition and returns the offsets of the entries that it names. */
  private Set<Long> checkIndex(Partition partition) {
    Set<Long> named = new HashSet<>();
    long[] counts = new long[3];
    partition.index.forEachSlot(
        new HashIndex.SlotVisitor() {
          @Override
          public void slot(int reference, int tag, long home, long index, int distance) {
            String where = "slot in bucket " + index + " of partition " + partition.number;
            if (reference == 0) {
              throw new AssertionError(where + " is empty but has tag " + tag);
            }
            long entry = entries.offset(reference);
            if (!partition.slabs.isAllocated(entry)) {
              throw new AssertionError(where + " names offset " + entry + ", which is no allocated block");
            }
            if (!named.add(entry)) {
              throw new AssertionError(where + " names offset " + entry + ", as another slot does");
            }
            if (!partition.isSound(entry)) {
              throw new AssertionError(where + " names the entry at " + entry + ", whose lengths or chain are wrong");
            }
            long hash = entries.hash(entry);
            equal(BucketLayout.tag(hash), tag, "tag of " + where);
            equal(partition.number, hash & (partitions.length - 1), "partition of the key in " + where);
            if (index < home) {
              throw new AssertionError(where + " is before its home " + home);
            }
            equal(Math.min(index - home, BucketLayout.DISTANCE_FAR), distance, "distance of " + where);
            boolean lease = entries.is(entry, EntryLayout.LEASE);
            counts[lease ? 1 : 0]++;
            counts[2] += lease ? 0 : entries.keyLength(entry) + (long) entries.valueLength(entry);
            int checksum = checksums ? entries.checksum(entry, hash) : 0;
            equal(checksum, memory.getInt(entry + EntryLayout.CHECKSUM_OFFSET), "checksum of " + where);
          }

          @Override
          public void bucket(int table, long index, long stamp, int pass) {
            equal(0, stamp & BucketLayout.WRITING, "writing bit of bucket " + index);
          }
        });
    checkPasses(partition);
    equal(counts[0], partition.get(PartitionLayout.ENTRIES_OFFSET), "entries of partition " + partition.number);
    equal(counts[1], partition.get(PartitionLayout.LEASES_OFFSET), "leases of partition " + partition.number);
    equal(counts[2], partition.get(PartitionLayout.PAYLOAD_BYTES_OFFSET), "payload of partition " + partition.number);
    return named;
  }

  /** Compares each bucket's {@code pass} with the entries that passed it. */
  private void checkPasses(Partition partition) {
    Map<Long, Integer> expected = new HashMap<>();
    Map<Long, Integer> actual = new HashMap<>();
    partition.index.forEachSlot(
        new HashIndex.SlotVisitor() {
          private final Map<Long, Integer> passedInTable = new HashMap<>();

          @Override
          public void slot(int reference, int tag, long home, long index, int distance) {
            for (long passed = home; passed < index; passed++) {
              passedInTable.merge(passed, 1, Integer::sum);
            }
          }

          @Override
          public void bucket(int table, long index, long stamp, int pass) {
            passedInTable.forEach((passed, count) -> expected.merge((passed << 1) | table, count, Integer::sum));
            passedInTable.clear();
            actual.put((index << 1) | table, pass);
          }
        });
    actual.forEach(
        (bucket, pass) ->
            equal(
                expected.getOrDefault(bucket, 0),
                pass,
                "pass of bucket " + (bucket >>> 1) + " of table " + (bucket & 1) + " of " + partition.number));
  }

  private void checkBlocks(Partition partition, Set<Long> named) {
    PartitionSlabs slabs = partition.slabs;
    Set<Long> expectedContinuations = new HashSet<>();
    for (long entry : named) {
      for (long next = entries.firstContinuation(entry); next != 0; next = entries.nextContinuation(next)) {
        if (!slabs.isAllocated(next) || !expectedContinuations.add(next)) {
          throw new AssertionError("further block at " + next + " of the entry at " + entry + " is not its own");
        }
        equal(entry, entries.head(next), "entry of the further block at " + next);
      }
    }
    int slabCount = 0;
    int spares = 0;
    int building = 0;
    int namedSeen = 0;
    int continuationsSeen = 0;
    for (int slab = slabs.oldest(); slab != PartitionSlabs.NO_SLAB; slab = slabs.younger(slab)) {
      seeSlab(slab, "the ring of partition " + partition.number);
      equal(partition.number, slabs.partition(slab), "partition of slab " + slab);
      slabCount++;
      int live = 0;
      long earliest = 0;
      for (int block = slabs.nextLive(slab, 0); block >= 0; block = slabs.nextLive(slab, block + 1)) {
        live++;
        long offset = slabs.blockOffset(slab, block);
        if (slabs.isSpare(offset)) {
          spares++;
          equal(SlabLayout.BLOCKS, slabs.state(slab), "state of slab " + slab + " of a spare");
          if (slabs.live(slab) == 1) {
            throw new AssertionError("slab " + slab + " holds a spare and nothing else");
          }
          continue;
        }
        int flags = entries.flags(offset);
        if (partition.isBuilding(offset)) {
          building++;
        } else if ((flags & EntryLayout.CONTINUATION) != 0) {
          if (expectedContinuations.contains(offset)) {
            continuationsSeen++;
          } else if (partition.hasOwner(offset)) {
            throw new AssertionError("further block at " + offset + " is not in the chain of its entry");
          }
        } else if ((flags & EntryLayout.QUARANTINED) == 0) {
          namedSeen++;
          if (!named.contains(offset)) {
            throw new AssertionError("block at " + offset + " is allocated but in no slot");
          }
          long expiry = entries.reclaimMillis(offset, partition.clock);
          earliest = expiry == 0 ? earliest : earliest == 0 ? expiry : Math.min(earliest, expiry);
        }
      }
      equal(live, slabs.live(slab), "live blocks of slab " + slab);
      if (earliest != 0 && (slabs.earliestExpiry(slab) == 0 || slabs.earliestExpiry(slab) > earliest)) {
        throw new AssertionError("slab " + slab + " has an entry that expires before its earliest expiry");
      }
    }
    equal(slabs.spareCount(), spares, "spares in the ring of partition " + partition.number);
    equal(named.size(), namedSeen, "entries in the ring of partition " + partition.number);
    equal(expectedContinuations.size(), continuationsSeen, "further blocks of partition " + partition.number);
    equal(slabCount, slabs.slabCount(), "slabs of partition " + partition.number);
    equal(building, partition.get(PartitionLayout.BUILDING_OFFSET), "blocks being built in " + partition.number);
    checkPartialLists(partition);
  }

  private void checkPartialLists(Partition partition) {
    PartitionSlabs slabs = partition.slabs;
    Set<Integer> partial = new HashSet<>();
    for (int sizeClass = 0; sizeClass < classes.count(); sizeClass++) {
      for (int slab = slabs.firstPartial(sizeClass); slab != PartitionSlabs.NO_SLAB; slab = slabs.nextPartial(slab)) {
        if (!partial.add(slab)) {
          throw new AssertionError("slab " + slab + " is twice in the lists of partial slabs");
        }
        equal(sizeClass, slabs.sizeClass(slab), "size class of partial slab " + slab);
      }
    }
    for (int slab = slabs.oldest(); slab != PartitionSlabs.NO_SLAB; slab = slabs.younger(slab)) {
      boolean open =
          slabs.state(slab) == SlabLayout.BLOCKS
              && slabs.live(slab) < classes.blocksPerSlab(slabs.sizeClass(slab));
      if (open != partial.contains(slab)) {
        throw new AssertionError("slab " + slab + (open ? " is not" : " is") + " in its list of partial slabs");
      }
    }
  }

  private static void equal(long expected, long actual, String what) {
    if (expected != actual) {
      throw new AssertionError(what + ": expected " + expected + " but found " + actual);
    }
  }
}
