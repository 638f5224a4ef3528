package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SlabLayout;
import io.larder.allocator.SlabPool;

/**
 * The eviction policy at work in one partition: a window in order of arrival and a main area that the hand of CLOCK
 * goes round, as {@link PolicyMode} says; entries that leave it become {@link Ghosts}.
 *
 * <p>No entry is in a list. The window is a ring of names, four bytes each: the part of the fingerprint by which the
 * index finds the entry. So a name stays right when the entry is overwritten or moved, and one whose entry is gone is
 * found to be of no use when its turn comes. The main area has no order of its own: the hand goes over the slabs and
 * their blocks, and a newcomer mostly gets the block that the hand has just left. A window entry whose name was lost is
 * known by its version, which is older than all that can be in the ring, and is taken for one of the main area.
 *
 * <p>So nothing here has to be repaired after a crash. All methods are for the holder of the partition's lock.
 */
final class Evictor {
  /** The part of the policy's space that the ring of names gets; ghosts get the others. */
  private static final int RING_SHARE = 3;

  /** How many entries the hand passes at most before it takes one that was hit. */
  private static final int PASSES = 32;

  /** How many blocks the hand looks at for one victim. */
  private static final int LOOKS = 4096;

  /** How many names of the window are looked at for one victim. */
  private static final int TURNS = 64;

  /** A window that has become smaller gives up so many entries for each that is evicted. */
  private static final int SURPLUS_MOVED = 2;

  /** How many entries are compared where sizes differ, and in how many buckets they are looked for. */
  private static final int SAMPLE = 16;

  private static final int BUCKETS_SAMPLED_MAX = 16;

  /** There the window is this part of the entries. */
  private static final int WINDOW_SHARE = 20;

  /** Sizes differ when this part of the slabs is of other classes; how many are looked at, and how often. */
  private static final int OTHERS_SHARE = 4;

  private static final int SLABS_LOOKED_AT = 64;
  private static final int LOOK_EVERY = 256;

  /** In what entries may differ. */
  private static final int SIZES = 1;

  private static final int COSTS = 1 << 1;

  private static final int NONE = -1;

  private final Memory memory;
  private final RegionGeometry geometry;
  private final Partition partition;
  private final PartitionSlabs slabs;
  private final Entries entries;
  private final SlabPool pool;
  private final StoreClock clock;
  private final PolicySelector selector;
  private final HitSampler sampler;
  private final Ghosts ghosts;
  private final long ring;
  private final int ringCapacity;
  private final long entriesMax;
  private final boolean byteHits;

  private final long[] sample = new long[SAMPLE + BucketLayout.SLOTS];

  // Whether an entry has gone for the one that comes next.
  private boolean madeRoom;

  Evictor(
      Memory memory,
      RegionGeometry geometry,
      Partition partition,
      Entries entries,
      SlabPool pool,
      StoreOptions options,
      PolicySelector selector,
      HitSampler sampler) {
    this.memory = memory;
    this.geometry = geometry;
    this.partition = partition;
    this.slabs = partition.slabs;
    this.entries = entries;
    this.pool = pool;
    this.clock = options.clock();
    this.selector = selector;
    this.sampler = sampler;
    long space = geometry.policyOffset(partition.number);
    int ringBytes = geometry.policyBytes() / RING_SHARE & -Ghosts.BUCKET_BYTES;
    this.ghosts = new Ghosts(memory, space + ringBytes, geometry.policyBytes() - ringBytes);
    this.ring = space;
    this.ringCapacity = ringBytes / Integer.BYTES;
    this.byteHits = options.byteHits();
    this.entriesMax =
        options.maximumEntries() == 0 ? Long.MAX_VALUE : share(options.maximumEntries(), partition.number);
  }

  private long share(long entriesInAll, int number) {
    int partitions = geometry.partitionCount();
    return entriesInAll / partitions + (number < entriesInAll % partitions ? 1 : 0);
  }

  /** Whether there may be no further entry, however small. */
  boolean isFull() {
    return partition.get(PartitionLayout.ENTRIES_OFFSET) >= entriesMax;
  }

  // ---- what comes

  /** The policy's bits of an entry whose key is new; it is about to be named in the index. */
  int admit(long hash, long entry) {
    int epoch = selector.epoch();
    if (entries.is(entry, EntryLayout.LEASE)) {
      // Worth keeping until its load is done.
      return PolicyBits.hit(PolicyBits.hit(PolicyBits.of(PolicyBits.FREQUENCY_MAX, epoch, true)));
    }
    if (partition.number == 0) {
      long residents = entriesWhenFull();
      if (residents != 0) {
        selector.fit(residents, ghosts.capacity());
      }
    }
    if (sampler.contains(hash)) {
      sampler.take(selector);
      selector.access(hash);
    }
    noteCost(EntryLayout.cost(entries.terms(entry)));
    boolean room = madeRoom;
    madeRoom = false;
    if (partition.get(PartitionLayout.EVICTIONS_OFFSET) == 0) {
      return PolicyBits.of(1, epoch, true);
    }
    int count = windowCount();
    if (count >= ringCapacity || (!room && count > window())) {
      leaveWindow();
    }
    enterWindow(hash);
    int frequency = Math.min(ghosts.take(hash, epoch) + 1, PolicyBits.FREQUENCY_MAX);
    return PolicyBits.of(frequency, epoch, false);
  }

  /** How many entries this partition will hold, or holds, without room for more; 0 while that is far away. */
  private long entriesWhenFull() {
    long entriesNow = partition.get(PartitionLayout.ENTRIES_OFFSET);
    long slabsInAll = pool.reservedCount();
    long slabsUsed = slabsInAll - pool.freeCount();
    long projected = slabsUsed < slabsInAll / 2 ? 0 : entriesNow * slabsInAll / slabsUsed;
    return projected == 0 && entriesMax != Long.MAX_VALUE ? entriesMax : Math.min(entriesMax, projected);
  }

  /** The policy's bits of an entry that takes the place of one with these: for the policy, a hit. */
  int overwrite(long hash, int bits) {
    sampler.hit(hash);
    return PolicyBits.hit(bits);
  }

  // ---- the window

  private int window() {
    long capacity = Math.min(entriesMax, partition.get(PartitionLayout.ENTRIES_OFFSET));
    return Math.min(selector.mode().windowEntries(capacity), ringCapacity - 1);
  }

  /** How many names are in the ring, of entries that have gone included. */
  private int windowCount() {
    long count = partition.get(PartitionLayout.QUEUE_TAIL_OFFSET) - partition.get(PartitionLayout.QUEUE_HEAD_OFFSET);
    return Math.clamp(count, 0, ringCapacity);
  }

  private void enterWindow(long hash) {
    long tail = partition.get(PartitionLayout.QUEUE_TAIL_OFFSET);
    memory.putInt(place(tail), HashIndex.name(hash));
    partition.set(PartitionLayout.QUEUE_TAIL_OFFSET, tail + 1);
  }

  private long place(long index) {
    return ring + Math.floorMod(index, ringCapacity) * (long) Integer.BYTES;
  }

  /** The slot of the entry whose turn it is; {@link HashIndex#NO_SLOT} when that has gone. */
  private long popWindow() {
    long head = partition.get(PartitionLayout.QUEUE_HEAD_OFFSET);
    int name = memory.getInt(place(head));
    partition.set(PartitionLayout.QUEUE_HEAD_OFFSET, head + 1);
    if (head >= partition.get(PartitionLayout.QUEUE_MARK_OFFSET)) {
      // All that was in the ring when this mark was set has left it.
      partition.set(PartitionLayout.QUEUE_FLOOR_OFFSET, partition.get(PartitionLayout.QUEUE_MARK_VERSION_OFFSET));
      partition.set(PartitionLayout.QUEUE_MARK_OFFSET, partition.get(PartitionLayout.QUEUE_TAIL_OFFSET));
      partition.set(PartitionLayout.QUEUE_MARK_VERSION_OFFSET, partition.get(PartitionLayout.VERSION_OFFSET));
    }
    return partition.index.findInWindow(name);
  }

  /** Lets the oldest entry of the window go on to the main area. */
  private void leaveWindow() {
    long slot = popWindow();
    if (slot != HashIndex.NO_SLOT) {
      promote(partition.index.entry(slot));
    }
  }

  private void promote(long entry) {
    entries.setPolicyBits(entry, PolicyBits.promoted(entries.policyBits(entry)));
  }

  // ---- what goes

  /**
   * Evicts an entry for the sake of its bytes: where sizes differ, the one that is worth least for them.
   *
   * @return how many bytes of blocks are free now that were not; 0 when nothing was found
   */
  long evictForSpace() {
    long before = partition.get(PartitionLayout.PAYLOAD_BYTES_OFFSET);
    int differing = differing();
    boolean done = (differing & (byteHits ? COSTS : COSTS | SIZES)) != 0 ? evictByWorth(!byteHits) : evictByMode();
    return done ? Math.max(before - partition.get(PartitionLayout.PAYLOAD_BYTES_OFFSET), 1) : 0;
  }

  /** Evicts an entry for the sake of their number; false when none was found. */
  boolean evictForNumber() {
    return (differing() & COSTS) != 0 ? evictByWorth(false) : evictByMode();
  }

  /** In what entries differ of late: {@link #SIZES}, {@link #COSTS}, both or nothing. */
  private int differing() {
    int left = partition.getInt(PartitionLayout.MIXED_FOR_OFFSET);
    if (left <= 0 || left > LOOK_EVERY) {
      left = LOOK_EVERY;
      int mixed = (sizesDiffer() ? SIZES : 0) | (costsDiffer() ? COSTS : 0);
      partition.putInt(PartitionLayout.MIXED_OFFSET, mixed);
      if (partition.number == 0) {
        selector.setCostsDiffer((mixed & COSTS) != 0);
      }
    }
    partition.putInt(PartitionLayout.MIXED_FOR_OFFSET, left - 1);
    return partition.getInt(PartitionLayout.MIXED_OFFSET);
  }

  /** Notes what it would cost to compute an entry again. */
  private void noteCost(int cost) {
    int least = partition.getInt(PartitionLayout.COST_LEAST_OFFSET);
    int most = partition.getInt(PartitionLayout.COST_MOST_OFFSET);
    if (most == 0 || cost < least) {
      partition.putInt(PartitionLayout.COST_LEAST_OFFSET, cost);
    }
    if (cost > most) {
      partition.putInt(PartitionLayout.COST_MOST_OFFSET, cost);
    }
  }

  /** Whether the costs that have been noted since this was asked last differ. */
  private boolean costsDiffer() {
    int least = partition.getInt(PartitionLayout.COST_LEAST_OFFSET);
    int most = partition.getInt(PartitionLayout.COST_MOST_OFFSET);
    partition.putInt(PartitionLayout.COST_LEAST_OFFSET, 0);
    partition.putInt(PartitionLayout.COST_MOST_OFFSET, 0);
    return least != most;
  }

  /**
   * Whether a good part of the partition's slabs is of another class than most. Looks at the oldest and at the
   * youngest, for sizes may have changed with time.
   */
  private boolean sizesDiffer() {
    int looks = Math.min(slabs.slabCount(), SLABS_LOOKED_AT);
    int old = slabs.oldest();
    int young = slabs.youngest();
    int candidate = NONE;
    int votes = 0;
    int seen = 0;
    while (seen < looks && old != PartitionSlabs.NO_SLAB && young != PartitionSlabs.NO_SLAB) {
      boolean fromOldest = (seen & 1) == 0;
      int sizeClass = slabs.sizeClass(fromOldest ? old : young);
      candidate = votes == 0 ? sizeClass : candidate;
      votes += sizeClass == candidate ? 1 : -1;
      old = fromOldest ? slabs.younger(old) : old;
      young = fromOldest ? young : slabs.older(young);
      seen++;
    }
    // What the vote leaves of the majority over the others.
    return votes < seen - seen / OTHERS_SHARE;
  }

  /**
   * Evicts the entry that is worth least among a random sample of the main area and the oldest of the window: what its
   * requests would cost, for each of its bytes or for itself. GreedyDual-Size-Frequency (L. Cherkasova, "Improving WWW
   * Proxies Performance with Greedy-Dual-Size-Frequency Caching Policy", HP Laboratories 1998) has the same worth, and
   * a clock where this has frequencies that are halved.
   *
   * @param forEachByte whether the bytes count
   */
  private boolean evictByWorth(boolean forEachByte) {
    int epoch = selector.epoch();
    long floor = partition.get(PartitionLayout.QUEUE_FLOOR_OFFSET);
    long worst = NONE;
    int windowed = (int) Math.min(partition.get(PartitionLayout.ENTRIES_OFFSET) / WINDOW_SHARE, ringCapacity - 1);
    if (windowCount() > windowed) {
      long slot = popWindow();
      if (slot != HashIndex.NO_SLOT) {
        worst = partition.index.entry(slot);
        promote(worst);
      }
    }
    long newcomer = worst;
    double least = worst == NONE ? Double.MAX_VALUE : worth(worst, entries.policyBits(worst), forEachByte);
    int count = 0;
    for (int bucket = 0; bucket < BUCKETS_SAMPLED_MAX && count < SAMPLE; bucket++) {
      count = partition.index.entriesAt(random(bucket), sample, count);
    }
    for (int i = 0; i < count; i++) {
      long entry = sample[i];
      if (!entries.canBeAt(entry, 0) || !isEntry(entry)) {
        continue;
      }
      int before = entries.policyBits(entry);
      int bits = PolicyBits.aged(before, epoch);
      if (!PolicyBits.isMain(bits) && entries.version(entry) >= floor) {
        continue;
      }
      if (bits != before) {
        bits = PolicyBits.passed(bits) | PolicyBits.MAIN;
        entries.setPolicyBits(entry, bits);
      }
      double worth = entries.isExpired(entry, clock) ? 0 : worth(entry, bits, forEachByte);
      if (worth < least) {
        least = worth;
        worst = entry;
      }
    }
    return worst == NONE ? evictByMode() : out(worst, worst == newcomer ? Fate.NOT_ADMITTED : Fate.EVICTED);
  }

  /**
   * What an entry saves while it is there; a cost that is not known counts as 1. The requests are those of late, and a
   * bit more, so that what is dear has not to be asked for in each epoch: a bit that falls with the root of how often
   * as many entries as there are have been written since. It must fall, or what is dearest would stay for ever.
   */
  private double worth(long entry, int bits, boolean forEachByte) {
    long age = partition.get(PartitionLayout.VERSION_OFFSET) - entries.version(entry);
    double turnovers = age / (double) (partition.get(PartitionLayout.ENTRIES_OFFSET) + 1);
    double requests =
        PolicyBits.frequency(PolicyBits.aged(bits, selector.epoch()))
            + 0.5 * PolicyBits.clock(bits)
            + 1 / Math.sqrt(1 + Math.max(turnovers, 0));
    long bytes =
        forEachByte
            ? EntryLayout.HEADER_BYTES + entries.keyLength(entry) + Math.max(entries.valueBytes(entry), 0)
            : 1;
    return requests * Math.max(EntryLayout.cost(entries.terms(entry)), 1) / bytes;
  }

  /** A number that nobody can guess who does not know the region's seed, and another after each write. */
  private long random(int draw) {
    long state = partition.get(PartitionLayout.VERSION_OFFSET) + partition.get(PartitionLayout.EVICTIONS_OFFSET);
    long mixed = (state * BUCKETS_SAMPLED_MAX + draw) * 0x9E3779B97F4A7C15L + entries.seed();
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  /**
   * Evicts an entry, the one that is worth least, whatever its size.
   *
   * @return false when none was found
   */
  private boolean evictByMode() {
    int window = window();
    for (int surplus = Math.min(windowCount() - window - 1, SURPLUS_MOVED); surplus > 0; surplus--) {
      leaveWindow();
    }
    PolicyMode mode = selector.mode();
    for (int turn = 0; turn < TURNS; turn++) {
      int count = windowCount();
      if (count < window || count == 0) {
        long victim = victim();
        if (victim != NONE) {
          return out(victim);
        }
        if (count == 0) {
          break;
        }
      }
      long slot = popWindow();
      if (slot == HashIndex.NO_SLOT) {
        continue;
      }
      long candidate = partition.index.entry(slot);
      int bits = PolicyBits.aged(entries.policyBits(candidate), selector.epoch());
      if (PolicyBits.clock(bits) >= mode.promotedAt && !entries.isExpired(candidate, clock)) {
        promote(candidate);
        continue;
      }
      long victim = entries.isExpired(candidate, clock) ? NONE : victim();
      if (victim == NONE) {
        return out(candidate);
      }
      if (mode.admits(PolicyBits.frequency(bits), frequency(victim)) || entries.isExpired(victim, clock)) {
        promote(candidate);
        return out(victim);
      }
      return out(candidate, Fate.NOT_ADMITTED);
    }
    // Only when what is known of the window is wrong.
    long anyone = victim(true);
    return anyone != NONE && out(anyone);
  }

  private int frequency(long entry) {
    return PolicyBits.frequency(PolicyBits.aged(entries.policyBits(entry), selector.epoch()));
  }

  private boolean out(long entry) {
    return out(entry, Fate.EVICTED);
  }

  private boolean out(long entry, Fate fate) {
    madeRoom = true;
    boolean expired = entries.isExpired(entry, clock);
    long hash = entries.hash(entry);
    if (!expired && partition.isSound(entry)) {
      ghosts.put(hash, frequency(entry), selector.epoch());
    }
    // By its fingerprint, even if its slot is known: what was found by a name may have another home bucket.
    partition.removeEntry(entry, hash, expired ? Fate.EXPIRED : fate);
    return true;
  }

  /** The entry of the main area at which the hand stops; {@link #NONE} when it meets none. */
  private long victim() {
    return victim(false);
  }

  private long victim(boolean anyone) {
    int epoch = selector.epoch();
    long floor = partition.get(PartitionLayout.QUEUE_FLOOR_OFFSET);
    long hand = partition.get(PartitionLayout.HAND_AT_OFFSET);
    int slab = slabAt((int) (hand >>> Integer.SIZE));
    int block = slab == (int) (hand >>> Integer.SIZE) - 1 ? (int) hand & Integer.MAX_VALUE : 0;
    int passed = 0;
    int slabsLeft = 2 * slabs.slabCount() + 2;
    long victim = NONE;
    for (int look = 0; look < LOOKS && slab != PartitionSlabs.NO_SLAB && victim == NONE; look++) {
      block = slabs.state(slab) == SlabLayout.BLOCKS ? slabs.nextLive(slab, block) : NONE;
      if (block < 0) {
        int younger = slabs.younger(slab);
        slab = younger == PartitionSlabs.NO_SLAB ? slabs.oldest() : younger;
        block = 0;
        if (--slabsLeft == 0) {
          break;
        }
        continue;
      }
      long entry = slabs.blockOffset(slab, block);
      if (isEntry(entry)) {
        int bits = PolicyBits.aged(entries.policyBits(entry), epoch);
        boolean candidate = anyone || PolicyBits.isMain(bits) || entries.version(entry) < floor;
        if (candidate && (PolicyBits.clock(bits) == 0 || passed == PASSES || entries.isExpired(entry, clock))) {
          victim = entry;
        } else if (candidate) {
          passed++;
          entries.setPolicyBits(entry, PolicyBits.passed(bits) | PolicyBits.MAIN);
        }
      }
      // Not beyond the victim: a newcomer may win against it, and its block is the next one's.
      block += victim == NONE ? 1 : 0;
    }
    partition.set(PartitionLayout.HAND_AT_OFFSET, (long) (slab + 1) << Integer.SIZE | block);
    return victim;
  }

  /** The slab that the hand was at, or where it begins anew. */
  private int slabAt(int reference) {
    int slab = reference - 1;
    boolean there =
        slab >= 0
            && slab < geometry.slabCount()
            && slabs.partition(slab) == partition.number
            && (slabs.state(slab) == SlabLayout.BLOCKS || slabs.state(slab) == SlabLayout.DRAINING);
    return there ? slab : slabs.oldest();
  }

  /** Whether a block that is in use is an entry that may go. */
  private boolean isEntry(long block) {
    return !entries.is(block, EntryLayout.NO_ENTRY) && !slabs.isSpare(block);
  }

  /** Forgets where everything was; for who has emptied the partition. */
  static void forget(Partition partition) {
    partition.set(PartitionLayout.QUEUE_HEAD_OFFSET, partition.get(PartitionLayout.QUEUE_TAIL_OFFSET));
    partition.set(PartitionLayout.HAND_AT_OFFSET, 0);
  }
}
