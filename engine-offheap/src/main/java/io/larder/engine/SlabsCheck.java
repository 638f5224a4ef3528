package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabsLayout;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import io.larder.allocator.SlabLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * Looks for slabs that are in two places, or in none, while slabs are taken and given: in the pool, in the ring of a
 * partition, in a directory. A list counts if nothing was put into it or taken from it while it was followed. A slab
 * that is on its way between two lists is in none or in both in one walk over all of them, but not in each of several;
 * one that its partition has in hand, or whose partition is locked all the time, because its writer is dead or stopped,
 * is not judged.
 */
final class SlabsCheck {
  private static final int WALKS_MAX = 24;
  private static final int WALKS_WANTED = 8;
  private static final int WALKS_NEEDED = 3;
  private static final int ATTEMPTS = 32;
  private static final long PAUSE_NANOS = 2_000_000;

  private final Memory memory;
  private final RegionGeometry geometry;
  private final Partition[] partitions;
  private final BitSet suspects = new BitSet();
  private final BitSet locked = new BitSet();
  private int walks;

  // Of one walk.
  private final int[] claims;
  private final int[] list;
  private final BitSet inHand = new BitSet();

  SlabsCheck(Memory memory, RegionGeometry geometry, Partition[] partitions) {
    this.memory = memory;
    this.geometry = geometry;
    this.partitions = partitions;
    this.claims = new int[geometry.slabCount()];
    this.list = new int[2 * claims.length + 1];
  }

  /** Walks over all lists until nothing is suspected, or for long enough. */
  void run() {
    suspects.set(0, claims.length);
    locked.set(0, partitions.length);
    for (int walk = 0; walk < WALKS_MAX && walks < WALKS_WANTED && !suspects.isEmpty(); walk++) {
      LockSupport.parkNanos(PAUSE_NANOS * walk);
      if (count()) {
        walks++;
        suspects.andNot(inHand);
        for (int slab = suspects.nextSetBit(0); slab >= 0; slab = suspects.nextSetBit(slab + 1)) {
          if (claims[slab] == 1) {
            suspects.clear(slab);
          }
        }
      }
      for (Partition partition : partitions) {
        if (partition.get(PartitionLayout.LOCK_OFFSET) == 0) {
          locked.clear(partition.number);
        }
      }
    }
  }

  /** Whether the lists could be followed often enough. */
  boolean isJudged() {
    return suspects.isEmpty() || walks >= WALKS_NEEDED;
  }

  List<String> findings() {
    List<String> findings = new ArrayList<>();
    for (int slab = suspects.nextSetBit(0); isJudged() && slab >= 0; slab = suspects.nextSetBit(slab + 1)) {
      if (!locked.get(partitions[0].slabs.partition(slab))) {
        findings.add("slab " + slab + " is in " + claims[slab] + " places, expected 1");
      }
    }
    return findings;
  }

  /** Counts for each slab in how many places it is; false if a list changed too often to be followed. */
  private boolean count() {
    Arrays.fill(claims, 0);
    inHand.clear();
    boolean whole = claim(this::followPool);
    for (Partition partition : partitions) {
      whole = whole && claim(() -> followRing(partition)) && claim(() -> followTables(partition));
      int slab = memory.getIntAcquire(slabsRecord(partition) + PartitionSlabsLayout.HAND_OFFSET) - 1;
      if (isSlab(slab)) {
        inHand.set(slab);
      }
    }
    return whole;
  }

  /** Tries to follow a list: its length, or -1 when it was changed meanwhile. */
  private boolean claim(IntSupplier following) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int length = following.getAsInt();
      for (int i = 0; i < length; i++) {
        claims[list[i]]++;
      }
      if (length >= 0) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  private long slabsRecord(Partition partition) {
    return geometry.partitionSlabsOffset(partition.number);
  }

  private boolean isSlab(int slab) {
    return slab >= 0 && slab < claims.length;
  }

  private int followPool() {
    long untouched = memory.getLongAcquire(RegionLayout.POOL_UNTOUCHED_OFFSET);
    long head = memory.getLongAcquire(RegionLayout.POOL_HEAD_OFFSET);
    int length = 0;
    for (int slab = (int) head - 1; length < claims.length && isSlab(slab); length++) {
      list[length] = slab;
      slab = memory.getIntAcquire(geometry.descriptorOffset(slab) + SlabLayout.POOL_NEXT_OFFSET) - 1;
    }
    for (int slab = 0; slab < Math.min(claims.length, untouched); slab++) {
      if (partitions[0].slabs.state(slab) == SlabLayout.RETIRED) {
        list[length++] = slab;
      }
    }
    for (long unused = Math.max(0, untouched); unused < claims.length; unused++) {
      list[length++] = (int) unused;
    }
    boolean same =
        memory.getLongAcquire(RegionLayout.POOL_HEAD_OFFSET) == head
            && memory.getLongAcquire(RegionLayout.POOL_UNTOUCHED_OFFSET) == untouched;
    return same ? length : -1;
  }

  /** Whatever changes the ring changes one of the words that are compared, the count of ages if no other. */
  private int followRing(Partition partition) {
    byte[] before = words(partition);
    int length = 0;
    for (int slab = partition.slabs.oldest(); length < claims.length && isSlab(slab); length++) {
      list[length] = slab;
      slab = memory.getIntAcquire(geometry.descriptorOffset(slab) + SlabLayout.RING_NEXT_OFFSET) - 1;
    }
    return Arrays.equals(before, words(partition)) ? length : -1;
  }

  private int followTables(Partition partition) {
    byte[] before = words(partition);
    int length = 0;
    for (int table = 0; table < 2; table++) {
      for (int chunk = 0; chunk < geometry.directoryCapacity() && length < claims.length; chunk++) {
        int slab =
            memory.getIntAcquire(geometry.directoryOffset(partition.number, table) + (long) chunk * Integer.BYTES) - 1;
        if (isSlab(slab)) {
          list[length++] = slab;
        }
      }
    }
    return Arrays.equals(before, words(partition)) ? length : -1;
  }

  /** What a partition keeps about its slabs, up to its lists of partial slabs. */
  private byte[] words(Partition partition) {
    byte[] words = new byte[(int) PartitionSlabsLayout.PARTIAL_OFFSET];
    VarHandle.acquireFence();
    memory.copyOut(slabsRecord(partition), words, 0, words.length);
    VarHandle.acquireFence();
    return words;
  }
}
