package io.larder.engine;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SlabLayout;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Counts what operations do to the cache lines of a region: which they touch, which they store to and whose those are,
 * and what they do while they hold the lock of a partition. A line that one core stores to has to be fetched again by
 * every other that wants it, so these counts say what many cores would cost each other, on a machine with few.
 *
 * <p>A line counts once for an operation, however often it is touched. An access is one to a word or to a part of one;
 * copying and comparing bytes is an access for each word. For one thread.
 */
final class LineCounter implements WatchedMemory.Watcher {
  /** The bytes of a line. */
  static final int LINE_BYTES = 64;

  private static final int STATE_MASK = 0xFF;

  /** Whose a line is. */
  enum Owner {
    /** The line of a partition's lock. */
    LOCK("lock"),
    /** The line with a partition's shape, which all its readers read. */
    SHAPE("shape"),
    /** The rest of a partition's record: version, counters, lists of slabs, spares. */
    RECORD("record"),
    /** Buckets of an index, and the directories of its tables. */
    INDEX("index"),
    /** Blocks, with the entries in them. */
    BLOCKS("blocks"),
    /** Descriptors of slabs, with their bitmaps; a slab belongs to one partition. */
    DESCRIPTORS("descriptors"),
    /** A partition's ring of names, its ghosts and its fates. */
    POLICY("policy"),
    /** What all partitions have in common: the superblock with the pool, and the selector of policies. */
    COMMON("common");

    /** What a table calls it. */
    final String title;

    Owner(String title) {
      this.title = title;
    }
  }

  /**
   * Means over all counted operations.
   *
   * @param touched lines that were read or stored to
   * @param written lines that were stored to
   * @param writtenOf the same by owner
   * @param heldAccesses accesses from the taking of a lock to its release, the taking included
   * @param heldLines lines that were touched in that time
   */
  record Costs(
      double touched, double written, Map<Owner, Double> writtenOf, double heldAccesses, double heldLines) {
    double written(Owner owner) {
      return writtenOf.getOrDefault(owner, 0.0);
    }
  }

  private final WatchedMemory memory;
  private final RegionGeometry geometry;

  // Of the operation that is being counted.
  private final Set<Long> touched = new HashSet<>();
  private final Map<Long, Owner> written = new HashMap<>();
  private final Set<Long> held = new HashSet<>();
  private boolean counting;
  private int locks;

  // Of all of them.
  private long operations;
  private long touchedLines;
  private final Map<Owner, Long> writtenLines = new EnumMap<>(Owner.class);
  private long heldAccesses;
  private long heldLines;

  /** Counts in a region from now on, what {@link #count} is told to. */
  LineCounter(WatchedMemory memory, RegionGeometry geometry) {
    this.memory = memory;
    this.geometry = geometry;
    memory.watch(this);
  }

  /** Counts what an action does, as so many operations. */
  void count(int asOperations, Runnable action) {
    counting = true;
    action.run();
    counting = false;
    operations += asOperations;
    touchedLines += touched.size();
    heldLines += held.size();
    for (Owner owner : written.values()) {
      writtenLines.merge(owner, 1L, Long::sum);
    }
    touched.clear();
    written.clear();
    held.clear();
  }

  /** The means of all that has been counted. */
  Costs costs() {
    Map<Owner, Double> of = new EnumMap<>(Owner.class);
    writtenLines.forEach((owner, lines) -> of.put(owner, mean(lines)));
    long all = writtenLines.values().stream().mapToLong(Long::longValue).sum();
    return new Costs(mean(touchedLines), mean(all), of, mean(heldAccesses), mean(heldLines));
  }

  private double mean(long sum) {
    return (double) sum / operations;
  }

  @Override
  public void store(WatchedMemory.Mode mode, long offset, long length, long value) {
    if (!counting) {
      return;
    }
    Owner owner = owner(offset);
    if (owner == Owner.LOCK) {
      locks += value == 0 ? -1 : 1;
    }
    for (long line = offset / LINE_BYTES; line <= (offset + length - 1) / LINE_BYTES; line++) {
      written.putIfAbsent(line, owner);
      touch(line);
    }
  }

  @Override
  public void access(long offset, int length) {
    if (!counting) {
      return;
    }
    heldAccesses += locks > 0 ? 1 : 0;
    for (long line = offset / LINE_BYTES; line <= (offset + length - 1) / LINE_BYTES; line++) {
      touch(line);
    }
  }

  private void touch(long line) {
    touched.add(line);
    if (locks > 0) {
      held.add(line);
    }
  }

  private Owner owner(long offset) {
    if (offset >= geometry.slabsOffset()) {
      int slab = (int) ((offset - geometry.slabsOffset()) >>> geometry.slabShift());
      long state = memory.peek(geometry.descriptorOffset(slab) + SlabLayout.STATE_OFFSET) & STATE_MASK;
      return state == SlabLayout.TABLE ? Owner.INDEX : Owner.BLOCKS;
    }
    if (offset >= geometry.policyOffset(0)) {
      boolean selector = offset >= geometry.selectorOffset() && offset < geometry.fatesOffset(0);
      return selector ? Owner.COMMON : Owner.POLICY;
    }
    if (offset >= geometry.directoryOffset(0, 0)) {
      return Owner.INDEX;
    }
    if (offset >= geometry.descriptorOffset(0)) {
      return Owner.DESCRIPTORS;
    }
    return offset < geometry.partitionOffset(0)
        ? Owner.COMMON
        : ofRecord((offset - geometry.partitionOffset(0)) % geometry.partitionBytes());
  }

  private static Owner ofRecord(long field) {
    long line = field / LINE_BYTES;
    if (line == PartitionLayout.LOCK_OFFSET / LINE_BYTES) {
      return Owner.LOCK;
    }
    return line == PartitionLayout.SHAPE_OFFSET / LINE_BYTES ? Owner.SHAPE : Owner.RECORD;
  }
}
