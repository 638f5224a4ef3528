package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.PartitionSlabsLayout;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabLayout;
import io.larder.allocator.SlabPool;
import io.larder.engine.RegionReport.ClassReport;
import io.larder.engine.RegionReport.Expiry;
import io.larder.engine.RegionReport.Ledger;
import io.larder.engine.RegionReport.PartitionReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes stock of a region without a lock and without a write. Counts are glances; the bytes of the slabs go by their
 * descriptors, each of which is read once, so that they add up whatever happens meanwhile. Used once.
 */
final class StoreInspector {
  private static final String[] NAMES = {"expired", "1 s", "10 s", "1 min", "10 min", "1 h", "1 d", "later", "never"};
  private static final long[] LIMITS = {0, 1_000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000};
  private static final int LATER = LIMITS.length;
  private static final int NEVER = LIMITS.length + 1;
  private static final int PERCENT = 100;
  private static final int BYTE_MASK = 0xFF;

  private final Memory memory;
  private final RegionGeometry geometry;
  private final SizeClasses classes;
  private final SlabPool pool;
  private final Partition[] partitions;
  private final Addresses where;
  private final long now;

  private final int[] slabs;
  private final long[] live;

  StoreInspector(
      Memory memory,
      RegionGeometry geometry,
      SizeClasses classes,
      SlabPool pool,
      Partition[] partitions,
      long nowMillis) {
    this.memory = memory;
    this.geometry = geometry;
    this.classes = classes;
    this.pool = pool;
    this.partitions = partitions;
    this.where = Addresses.of(geometry);
    this.now = nowMillis;
    this.slabs = new int[classes.count()];
    this.live = new long[classes.count()];
  }

  RegionReport report() {
    List<PartitionReport> reports = new ArrayList<>();
    for (Partition partition : partitions) {
      reports.add(report(partition));
    }
    Ledger ledger = ledger();
    List<ClassReport> used = new ArrayList<>();
    for (int sizeClass = 0; sizeClass < slabs.length; sizeClass++) {
      if (slabs[sizeClass] > 0) {
        long blocks = (long) slabs[sizeClass] * classes.blocksPerSlab(sizeClass);
        used.add(new ClassReport(classes.blockBytes(sizeClass), slabs[sizeClass], blocks, live[sizeClass]));
      }
    }
    return new RegionReport(reports, used, ledger, expiries());
  }

  private PartitionReport report(Partition partition) {
    long shape = partition.get(PartitionLayout.SHAPE_OFFSET);
    long moved = PartitionLayout.moved(partition.get(PartitionLayout.RESIZE_OFFSET));
    boolean resizing = (shape & PartitionLayout.RESIZING) != 0;
    return new PartitionReport(
        partition.number,
        partition.get(PartitionLayout.ENTRIES_OFFSET),
        partition.get(PartitionLayout.LEASES_OFFSET),
        partition.get(PartitionLayout.PAYLOAD_BYTES_OFFSET),
        partition.get(PartitionLayout.LOCK_OFFSET),
        partition.get(PartitionLayout.REPAIRS_OFFSET),
        partition.get(PartitionLayout.REPAIR_NANOS_OFFSET),
        resizing ? (int) (PERCENT * moved / Math.max(1, PartitionLayout.bucketCount(shape))) : -1,
        partition.slabs.slabCount(),
        partition.slabs.tableCount(),
        partition.get(PartitionLayout.PUTS_OFFSET),
        partition.get(PartitionLayout.REMOVALS_OFFSET),
        partition.get(PartitionLayout.EVICTIONS_OFFSET),
        partition.get(PartitionLayout.EXPIRATIONS_OFFSET),
        partition.get(PartitionLayout.CORRUPTIONS_OFFSET));
  }

  private Ledger ledger() {
    long slabBytes = geometry.slabBytes();
    long tables = 0;
    long allocated = 0;
    long free = 0;
    long ends = 0;
    long unused = 0;
    long without = 0;
    int end = pool.end();
    for (int slab = 0; slab < geometry.slabCount(); slab++) {
      long head = memory.getLongAcquire(geometry.descriptorOffset(slab) + SlabLayout.STATE_OFFSET);
      int state = (int) head & BYTE_MASK;
      int sizeClass = (int) (head >>> Byte.SIZE) & BYTE_MASK;
      if (state == SlabLayout.TABLE) {
        tables += slabBytes;
      } else if ((state == SlabLayout.BLOCKS || state == SlabLayout.DRAINING) && sizeClass < classes.count()) {
        int blocks = classes.blocksPerSlab(sizeClass);
        long used = Math.clamp(head >>> Integer.SIZE, 0, blocks);
        slabs[sizeClass]++;
        live[sizeClass] += used;
        allocated += used * classes.blockBytes(sizeClass);
        free += (blocks - used) * classes.blockBytes(sizeClass);
        ends += slabBytes - (long) blocks * classes.blockBytes(sizeClass);
      } else if (state == SlabLayout.RETIRED || slab >= end) {
        without += slabBytes;
      } else {
        unused += slabBytes;
      }
    }
    long quarantined = Math.clamp(sum(PartitionLayout.QUARANTINED_BYTES_OFFSET), 0, allocated);
    long spare = Math.min(spareBytes(), allocated - quarantined);
    long firstDescriptor = geometry.descriptorOffset(0);
    long firstDirectory = geometry.directoryOffset(0, 0);
    long directoriesEnd = geometry.directoryOffset(geometry.partitionCount(), 0);
    long superblock = geometry.partitionOffset(0);
    return new Ledger(
        superblock,
        firstDescriptor - superblock,
        firstDirectory - firstDescriptor,
        directoriesEnd - firstDirectory,
        geometry.slabsOffset() - directoriesEnd,
        tables,
        allocated - quarantined - spare,
        spare,
        quarantined,
        free,
        ends,
        unused,
        without,
        geometry.regionBytes() - geometry.slabsEnd());
  }

  private long sum(long field) {
    long sum = 0;
    for (Partition partition : partitions) {
      sum += partition.get(field);
    }
    return sum;
  }

  private long spareBytes() {
    long bytes = 0;
    for (Partition partition : partitions) {
      long record = geometry.partitionSlabsOffset(partition.number) + PartitionSlabsLayout.SPARE_OFFSET;
      for (int sizeClass = 0; sizeClass < classes.count(); sizeClass++) {
        boolean isThere = memory.getInt(record + (long) sizeClass * Integer.BYTES) != PartitionSlabs.NO_BLOCK;
        bytes += isThere ? classes.blockBytes(sizeClass) : 0;
      }
    }
    return bytes;
  }

  private List<Expiry> expiries() {
    long[] sum = new long[NAMES.length];
    IndexWalk walk = new IndexWalk(memory, where);
    for (Partition partition : partitions) {
      Expiries visitor = new Expiries();
      walk.walk(partition.number, visitor);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += visitor.counts[i];
      }
    }
    List<Expiry> expiries = new ArrayList<>();
    for (int i = 0; i < sum.length; i++) {
      expiries.add(new Expiry(NAMES[i], sum[i]));
    }
    return expiries;
  }

  /** Counts the entries of a partition by their expiry. */
  private final class Expiries implements IndexWalk.Visitor {
    private final long[] counts = new long[NAMES.length];
    private final int[] seen = new int[NAMES.length];

    @Override
    public void begin() {
      Arrays.fill(counts, 0);
    }

    @Override
    public void look(IndexWalk.Place place) {
      Arrays.fill(seen, 0);
      for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
        long entry = where.block(memory.getInt(BucketLayout.slot(place.bucket(), slot)));
        if (where.isInSlabs(entry, EntryLayout.KEY_OFFSET_MAX)) {
          int flags = memory.getByte(entry + EntryLayout.FLAGS_OFFSET);
          if ((flags & (EntryLayout.NO_ENTRY | EntryLayout.LEASE)) == 0) {
            seen[bin(expiryMillis(entry, flags))]++;
          }
        }
      }
    }

    @Override
    public void accept(IndexWalk.Place place) {
      for (int i = 0; i < seen.length; i++) {
        counts[i] += seen[i];
      }
    }

    @Override
    public void busy(IndexWalk.Place place) {}
  }

  private long expiryMillis(long entry, int flags) {
    long terms = (flags & EntryLayout.TERMS) == 0 ? 0 : memory.getLong(entry + EntryLayout.HEADER_BYTES);
    long expiry = EntryLayout.expiryMillis(terms);
    if ((flags & EntryLayout.IDLE) == 0) {
      return expiry;
    }
    long idle = entry + EntryLayout.idleOffset(flags);
    int span = memory.getInt(idle + EntryLayout.IDLE_SPAN_OFFSET);
    int deadline = memory.getIntAcquire(idle + EntryLayout.IDLE_DEADLINE_OFFSET);
    return IdleTime.earlier(expiry, IdleTime.deadlineMillis(span, deadline, now));
  }

  private int bin(long expiry) {
    if (expiry == 0) {
      return NEVER;
    }
    int bin = 0;
    while (bin < LATER && expiry - now > LIMITS[bin]) {
      bin++;
    }
    return bin;
  }
}
