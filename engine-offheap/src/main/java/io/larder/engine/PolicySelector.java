package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionGeometry;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the {@link PolicyMode}: small shadow caches, one for each mode, get a sample of the keys, and the mode whose
 * shadow has hit most often of late is the one that all partitions work in.
 *
 * <p>A shadow is to its sample what the cache is to all keys: so much smaller, and run by the same rules (C.
 * Waldspurger et al., "Cache Modeling and Optimization using Miniature Simulations", USENIX ATC 2017). It holds names,
 * no values.
 * The sample is of the first partition's keys, which the hash makes a sample of all; the lock of that partition guards
 * all of this but {@link #mode} and {@link #epoch}, which anybody reads.
 *
 * <p>What the shadows have hit counts for less the longer ago it is: by half after {@value #LONG_MEMORY} times as many
 * accesses as a shadow has entries. A lead in the last {@value #SHORT_MEMORY} times that is too large for chance counts
 * at once.
 *
 * <p>The region holds all of it: a header, records of the keys (fingerprint and {@link ShadowState}), for each shadow
 * the positions that its hand goes round, the queue of its window and its ghosts, and how often each {@link
 * ReuseDistances reuse distance} was met, which is the miss ratio as a function of the size. As a writer may be killed
 * anywhere within, and a file may have been damaged, nothing that is read here is used as an offset before it has been
 * bounded; the worst is a bad choice for some time.
 */
final class PolicySelector {
  private static final int MODES = PolicyMode.count();

  // The header.
  private static final int MODE = 0;
  private static final int EPOCH = 4;
  private static final int CAPACITY = 8;
  private static final int UNTIL_CHECK = 12;
  private static final int UNTIL_EPOCH = 16;
  static final int ACCESSES = 20;
  private static final int RESIDENTS = 24;
  private static final int REQUESTS = 28;
  private static final int GHOSTS = 32;
  private static final int COSTS_DIFFER = 36;
  static final int SHADOWS = 64;
  private static final int DISTANCES = 256;
  static final int HEADER_BYTES = 512;

  /** Reuse distances are counted in this part of the first partition's size, up to so many of them. */
  private static final int DISTANCE_STEPS = 12;

  private static final int DISTANCES_COUNTED = 5 * DISTANCE_STEPS;

  /** With fewer requests nothing is said of the miss ratio. */
  private static final int REQUESTS_MIN = 500;

  // Of a shadow, in the header.
  private static final int LONG_HITS = 0;
  private static final int SHORT_HITS = 8;
  private static final int NEW_HITS = 16;
  private static final int COUNT = 20;
  private static final int HAND = 24;
  private static final int QUEUE_HEAD = 28;
  static final int QUEUE_COUNT = 32;
  static final int SHADOW_BYTES = 48;

  // A record: the key's fingerprint, and its state.
  static final int RECORD_BYTES = 8;
  private static final int BUCKET_RECORDS = 8;
  static final int STATE = 4;
  static final int RECORDS_PER_ENTRY = 8;

  /** A ghost is a record, 1 for the first. */
  private static final int GHOST_BYTES = Short.BYTES;

  /** Of so many ghosts the least frequent gives way to another, as in {@link Ghosts}. */
  private static final int GHOSTS_COMPARED = 15;

  /** The records; for each shadow a position, a quarter for the queue, and room for a ghost for every second entry. */
  private static final int BYTES_PER_ENTRY =
      RECORDS_PER_ENTRY * RECORD_BYTES + MODES * (Integer.BYTES * 5 / 4 + GHOST_BYTES / 2);

  /** In a position: the entry is in the window. */
  private static final int IN_WINDOW = 1 << 31;

  /** The most entries of a shadow; and the fewest, when the cache has as many. */
  private static final int CAPACITY_MAX = 1024;

  private static final int CAPACITY_MIN = 128;

  /** A shadow is so much smaller than the first partition. */
  private static final int REDUCTION = 64;

  /** Half-lives, in accesses for each entry of a shadow. */
  private static final int LONG_MEMORY = 16;

  private static final int SHORT_MEMORY = 2;

  /** The modes are compared so many times in as many accesses as a shadow has entries. */
  private static final int CHECKS = 20;

  /** A lead of this share of the accesses counts at once. */
  private static final double LEAD = 0.05;

  private static final int DEVIATIONS = 3;

  /** All frequencies are halved after so many accesses for each entry. */
  private static final int ACCESSES_PER_EPOCH = 20;

  /** While costs differ the frequencies count for more, and so must be of late. */
  private static final int ACCESSES_PER_EPOCH_OF_COSTS = 8;

  private static final int HAND_STEPS = 32;

  private static final double LONG_DECAY = Math.pow(2, -1.0 / (CHECKS * LONG_MEMORY));
  private static final double SHORT_DECAY = Math.pow(2, -1.0 / (CHECKS * SHORT_MEMORY));

  private final Memory memory;
  private final long offset;
  private final int bytes;
  private final int capacityMax;
  private final HitSampler sampler;

  /** Null until the first request. */
  private @Nullable ReuseDistances distances;

  PolicySelector(Memory memory, RegionGeometry geometry, HitSampler sampler) {
    this.memory = memory;
    this.offset = geometry.selectorOffset();
    this.bytes = geometry.selectorBytes();
    this.capacityMax = Math.min(CAPACITY_MAX, (bytes - HEADER_BYTES) / BYTES_PER_ENTRY);
    this.sampler = sampler;
  }

  /** The mode to work in; a glance without the lock may be a moment old. */
  PolicyMode mode() {
    return PolicyMode.of(memory.getInt(offset + MODE));
  }

  /** How often all frequencies have been halved. */
  int epoch() {
    return memory.getInt(offset + EPOCH);
  }

  /**
   * Fits the shadows and the sample to the first partition; when its size has changed much they begin anew.
   *
   * @param residents how many entries it holds while it is full
   * @param ghosts how many keys it remembers beside them
   */
  void fit(long residents, int ghosts) {
    int capacity = get(CAPACITY);
    int fitted = get(RESIDENTS);
    int now = Math.clamp(residents, 1, Integer.MAX_VALUE);
    if (!isCapacity(capacity) || fitted <= 0 || now < fitted - fitted / 4 || now > fitted + fitted / 4) {
      capacity = Math.min(Math.clamp(now / REDUCTION, CAPACITY_MIN, CAPACITY_MAX), Math.min(now, capacityMax));
      begin(capacity);
      put(RESIDENTS, now);
      put(GHOSTS, (int) Math.min((long) capacity * ghosts / now, (long) capacity * RECORDS_PER_ENTRY));
      fitted = now;
    }
    sampler.setShare((int) Math.min(HitSampler.EVERYTHING, ((long) HitSampler.EVERYTHING * capacity - 1) / fitted + 1));
  }

  /** For who has attached to a region in which the shadows are at work: takes part in the sampling. */
  void join() {
    int capacity = get(CAPACITY);
    int fitted = get(RESIDENTS);
    if (isCapacity(capacity) && fitted > 0) {
      sampler.setShare(
          (int) Math.min(HitSampler.EVERYTHING, ((long) HitSampler.EVERYTHING * capacity - 1) / fitted + 1));
    }
  }

  private boolean isCapacity(int capacity) {
    return capacity >= 1 && capacity <= capacityMax;
  }

  private void begin(int capacity) {
    memory.zero(offset + CAPACITY, bytes - CAPACITY);
    put(UNTIL_CHECK, interval(capacity));
    put(UNTIL_EPOCH, epochAccesses(capacity));
    put(CAPACITY, capacity);
  }

  /** How many accesses are between two halvings. */
  private int epochAccesses(int capacity) {
    return capacity * (get(COSTS_DIFFER) == 0 ? ACCESSES_PER_EPOCH : ACCESSES_PER_EPOCH_OF_COSTS);
  }

  /** Told by the first partition: whether the costs of what has come of late differ. */
  void setCostsDiffer(boolean differ) {
    put(COSTS_DIFFER, differ ? 1 : 0);
  }

  private static int interval(int capacity) {
    return Math.max(1, capacity / CHECKS);
  }

  private int get(int field) {
    return memory.getInt(offset + field);
  }

  private void put(int field, int value) {
    memory.putInt(offset + field, value);
  }

  // ---- an access to a key of the sample

  /** An access to a key of the sample, hit or miss. */
  void access(long hash) {
    int capacity = get(CAPACITY);
    if (!isCapacity(capacity)) {
      return;
    }
    countDistance(hash, capacity);
    int record = touch(hash, capacity);
    if (record >= 0) {
      for (int shadow = 0; shadow < MODES; shadow++) {
        access(shadow, record, capacity);
      }
    }
    put(ACCESSES, Math.min(get(ACCESSES), Integer.MAX_VALUE - 1) + 1);
    int untilEpoch = Math.min(get(UNTIL_EPOCH), epochAccesses(capacity)) - 1;
    if (untilEpoch <= 0) {
      untilEpoch = epochAccesses(capacity);
      put(EPOCH, get(EPOCH) + 1);
      halveDistances();
    }
    put(UNTIL_EPOCH, untilEpoch);
    int untilCheck = get(UNTIL_CHECK) - 1;
    if (untilCheck <= 0) {
      untilCheck = interval(capacity);
      compare(capacity);
    }
    put(UNTIL_CHECK, untilCheck);
  }

  private void countDistance(long hash, int capacity) {
    ReuseDistances kept = distances;
    if (kept == null) {
      kept = new ReuseDistances();
      distances = kept;
    }
    int distance = kept.request(hash);
    put(REQUESTS, get(REQUESTS) + 1);
    long step = (long) distance * DISTANCE_STEPS / capacity;
    if (distance >= 0 && step < DISTANCES_COUNTED) {
      int field = DISTANCES + (int) step * Integer.BYTES;
      put(field, get(field) + 1);
    }
  }

  /** Lets what was counted count half, so that the curve follows the load. */
  private void halveDistances() {
    put(REQUESTS, get(REQUESTS) >>> 1);
    for (int step = 0; step < DISTANCES_COUNTED; step++) {
      int field = DISTANCES + step * Integer.BYTES;
      put(field, get(field) >>> 1);
    }
  }

  /**
   * The miss ratio of an LRU cache of {@code factor} times the size of this one, for the requests of late; NaN while
   * there are too few. A glance without the lock.
   *
   * @param factor above 0; of more than 5 the ratio for 5 is returned
   */
  double missRatio(double factor) {
    long requests = get(REQUESTS);
    if (requests < REQUESTS_MIN) {
      return Double.NaN;
    }
    double steps = Math.min(factor * DISTANCE_STEPS, DISTANCES_COUNTED);
    double hits = 0;
    for (int step = 0; step < steps; step++) {
      hits += Math.max(get(DISTANCES + step * Integer.BYTES), 0) * Math.min(steps - step, 1);
    }
    return Math.clamp(1 - hits / requests, 0, 1);
  }

  /** The record of a key, made if need be, one more frequent; -1 when there is no room for it. */
  private int touch(long hash, int capacity) {
    long mixed = hash * 0x9E3779B97F4A7C15L;
    int fingerprint = (int) (mixed >>> Integer.SIZE) | 1;
    int first = (int) (((mixed & 0xFFFF_FFFFL) * capacity) >>> Integer.SIZE) * BUCKET_RECORDS;
    int victim = -1;
    int least = ShadowState.FREQUENCY_MAX + 1;
    for (int record = first; record < first + BUCKET_RECORDS; record++) {
      int state = state(record, capacity);
      if (memory.getInt(record(record)) == fingerprint) {
        setState(record, ShadowState.requested(state));
        return record;
      }
      int frequency = ShadowState.highestFrequency(state);
      if (ShadowState.isAbsent(state) && frequency < least) {
        least = frequency;
        victim = record;
      }
    }
    if (victim >= 0) {
      memory.putInt(record(victim), fingerprint);
      setState(victim, ShadowState.first(epoch()));
    }
    return victim;
  }

  private long record(int record) {
    return offset + HEADER_BYTES + (long) record * RECORD_BYTES;
  }

  /** A record's state as of now; as never asked for where there is no such record. */
  private int state(int record, int capacity) {
    int state = record < 0 || record >= capacity * RECORDS_PER_ENTRY ? 0 : memory.getInt(record(record) + STATE);
    return ShadowState.aged(state, epoch());
  }

  private void setState(int record, int state) {
    memory.putInt(record(record) + STATE, state);
  }

  // ---- a shadow, which works as Evictor does

  private int field(int shadow, int field) {
    return SHADOWS + shadow * SHADOW_BYTES + field;
  }

  private long position(int shadow, int position, int capacity) {
    long positions = offset + HEADER_BYTES + (long) capacity * RECORDS_PER_ENTRY * RECORD_BYTES;
    return positions + ((long) shadow * capacity + position) * Integer.BYTES;
  }

  private static int queueCapacity(int capacity) {
    return Math.max(capacity / 4, 1);
  }

  private long queued(int shadow, int index, int capacity) {
    long queues = position(MODES, 0, capacity);
    return queues + ((long) shadow * queueCapacity(capacity) + index) * Integer.BYTES;
  }

  private void access(int shadow, int record, int capacity) {
    int state = state(record, capacity);
    int residency = ShadowState.residency(state, shadow);
    if (residency != 0) {
      put(field(shadow, NEW_HITS), get(field(shadow, NEW_HITS)) + 1);
      if (residency <= PolicyBits.CLOCK_MAX) {
        setState(record, ShadowState.withResidency(state, shadow, residency + 1));
      }
      return;
    }
    int count = get(field(shadow, COUNT));
    int place = count;
    int window = Math.min(PolicyMode.of(shadow).windowEntries(capacity), queueCapacity(capacity) - 1);
    boolean full = count < 0 || count >= capacity;
    if (full) {
      place = makeRoom(shadow, window, capacity);
    } else {
      put(field(shadow, COUNT), count + 1);
    }
    setState(record, ShadowState.withResidency(state(record, capacity), shadow, 1));
    if (!full || window <= 0) {
      memory.putInt(position(shadow, place, capacity), record);
      return;
    }
    memory.putInt(position(shadow, place, capacity), record | IN_WINDOW);
    int queueCount = Math.clamp(get(field(shadow, QUEUE_COUNT)), 0, queueCapacity(capacity));
    if (queueCount == queueCapacity(capacity)) {
      promote(shadow, pop(shadow, capacity), capacity);
      queueCount = get(field(shadow, QUEUE_COUNT));
    }
    int at = Math.floorMod(get(field(shadow, QUEUE_HEAD)) + queueCount, queueCapacity(capacity));
    memory.putInt(queued(shadow, at, capacity), place);
    put(field(shadow, QUEUE_COUNT), queueCount + 1);
  }

  /** The position that comes first in the queue of the window; there is one. */
  private int pop(int shadow, int capacity) {
    int head = Math.floorMod(get(field(shadow, QUEUE_HEAD)), queueCapacity(capacity));
    put(field(shadow, QUEUE_HEAD), head + 1);
    put(field(shadow, QUEUE_COUNT), get(field(shadow, QUEUE_COUNT)) - 1);
    return Math.clamp(memory.getInt(queued(shadow, head, capacity)), 0, capacity - 1);
  }

  private int recordAt(int shadow, int place, int capacity) {
    return memory.getInt(position(shadow, place, capacity)) & ~IN_WINDOW;
  }

  private void promote(int shadow, int place, int capacity) {
    int record = recordAt(shadow, place, capacity);
    memory.putInt(position(shadow, place, capacity), record);
    setResidency(shadow, record, 1, capacity);
  }

  private void setResidency(int shadow, int record, int residency, int capacity) {
    if (record < capacity * RECORDS_PER_ENTRY) {
      setState(record, ShadowState.withResidency(state(record, capacity), shadow, residency));
    }
  }

  private int evict(int shadow, int place, int capacity) {
    int record = recordAt(shadow, place, capacity);
    setResidency(shadow, record, 0, capacity);
    if (get(GHOSTS) < capacity * RECORDS_PER_ENTRY && ShadowState.frequency(state(record, capacity), shadow) > 0) {
      remember(shadow, record, capacity);
    }
    return place;
  }

  /** Makes a record that a shadow has evicted one of its ghosts, and lets it forget the one whose place that takes. */
  private void remember(int shadow, int record, int capacity) {
    int places = ghosts(capacity);
    int place = (int) ((Integer.toUnsignedLong(memory.getInt(record(record))) * places) >>> Integer.SIZE);
    long taken = ghost(shadow, place, capacity);
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < Math.min(GHOSTS_COMPARED, places); i++) {
      long ghost = ghost(shadow, place, capacity);
      int held = memory.getShort(ghost) - 1;
      if (held == record) {
        return;
      }
      int frequency = ghostFrequency(shadow, held, capacity);
      if (frequency < least) {
        least = frequency;
        taken = ghost;
      }
      place = place + 1 == places ? 0 : place + 1;
    }
    if (least > 0) {
      int forgotten = memory.getShort(taken) - 1;
      setState(forgotten, ShadowState.forgotten(state(forgotten, capacity), shadow));
    }
    memory.putShort(taken, record + 1);
  }

  /** What a shadow would forget with a ghost; 0 when it holds the key again, or the place is free. */
  private int ghostFrequency(int shadow, int record, int capacity) {
    int state = state(record, capacity);
    return ShadowState.residency(state, shadow) == 0 ? ShadowState.frequency(state, shadow) : 0;
  }

  /** How many ghosts each shadow has place for: so many for its entries as the first partition has for its own. */
  private int ghosts(int capacity) {
    long room = offset + bytes - ghost(0, 0, capacity);
    return Math.clamp(get(GHOSTS), 1, (int) (room / GHOST_BYTES / MODES));
  }

  private long ghost(int shadow, int place, int capacity) {
    long ghosts = queued(MODES, 0, capacity);
    return ghosts + ((long) place * MODES + shadow) * GHOST_BYTES;
  }

  /** Evicts one entry of a full shadow; returns the position that it had. */
  private int makeRoom(int shadow, int window, int capacity) {
    PolicyMode mode = PolicyMode.of(shadow);
    for (int turn = 0; turn <= capacity; turn++) {
      int inWindow = get(field(shadow, QUEUE_COUNT));
      if (inWindow <= 0 || (inWindow < window && inWindow < capacity)) {
        return evict(shadow, victim(shadow, capacity), capacity);
      }
      int candidate = pop(shadow, capacity);
      int state = state(recordAt(shadow, candidate, capacity), capacity);
      if (ShadowState.residency(state, shadow) - 1 >= mode.promotedAt) {
        promote(shadow, candidate, capacity);
        continue;
      }
      if (inWindow >= capacity) {
        return evict(shadow, candidate, capacity);
      }
      int victim = victim(shadow, capacity);
      int victimState = state(recordAt(shadow, victim, capacity), capacity);
      if (mode.admits(ShadowState.frequency(state, shadow), ShadowState.frequency(victimState, shadow))) {
        promote(shadow, candidate, capacity);
        return evict(shadow, victim, capacity);
      }
      return evict(shadow, candidate, capacity);
    }
    return evict(shadow, 0, capacity);
  }

  /** The position at which the hand stops. */
  private int victim(int shadow, int capacity) {
    int hand = Math.floorMod(get(field(shadow, HAND)), capacity);
    int passed = 0;
    for (int step = 0; step < 2 * capacity + HAND_STEPS; step++) {
      int place = memory.getInt(position(shadow, hand, capacity));
      if (place >= 0) {
        int state = state(place, capacity);
        int residency = ShadowState.residency(state, shadow);
        if (residency <= 1 || passed++ >= HAND_STEPS) {
          break;
        }
        setResidency(shadow, place, residency - 1, capacity);
      }
      hand = hand + 1 == capacity ? 0 : hand + 1;
    }
    put(field(shadow, HAND), hand);
    return hand;
  }

  // ---- the choice

  private double getSum(int field) {
    double sum = Double.longBitsToDouble(memory.getLong(offset + field));
    return sum >= 0 && sum < Integer.MAX_VALUE ? sum : 0;
  }

  private void putSum(int field, double sum) {
    memory.putLong(offset + field, Double.doubleToRawLongBits(sum));
  }

  private void compare(int capacity) {
    int current = mode().number;
    int best = current;
    int bestOfLate = current;
    for (int shadow = 0; shadow < MODES; shadow++) {
      int hits = get(field(shadow, NEW_HITS));
      put(field(shadow, NEW_HITS), 0);
      putSum(field(shadow, LONG_HITS), getSum(field(shadow, LONG_HITS)) * LONG_DECAY + hits);
      putSum(field(shadow, SHORT_HITS), getSum(field(shadow, SHORT_HITS)) * SHORT_DECAY + hits);
    }
    for (int shadow = 0; shadow < MODES; shadow++) {
      best = getSum(field(shadow, LONG_HITS)) > getSum(field(best, LONG_HITS)) ? shadow : best;
      bestOfLate =
          getSum(field(shadow, SHORT_HITS)) > getSum(field(bestOfLate, SHORT_HITS)) ? shadow : bestOfLate;
    }
    double span = Math.min(get(ACCESSES), SHORT_MEMORY * capacity / Math.log(2));
    double lead = getSum(field(bestOfLate, SHORT_HITS)) - getSum(field(current, SHORT_HITS));
    if (lead > Math.max(LEAD * span, DEVIATIONS * Math.sqrt(LEAD * span))) {
      for (int shadow = 0; shadow < MODES; shadow++) {
        putSum(field(shadow, LONG_HITS), getSum(field(shadow, SHORT_HITS)));
      }
      best = bestOfLate;
    }
    put(MODE, best);
  }
}
