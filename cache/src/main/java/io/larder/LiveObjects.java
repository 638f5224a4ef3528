package io.larder;

import io.larder.engine.EntryInfo;
import io.larder.engine.Sighting;
import io.larder.engine.Store;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * Decoded values of some keys on the heap, each with the sighting of the entry that it was decoded from: L0-1 of {@link
 * Sighting} says when it may be used.
 *
 * <p><b>Structure.</b> A table of sets of eight places. A key leads to one set; a word of the set has eight bits of the
 * hash for each place, which are compared all at once, so that of the objects only the wanted one is touched. A hit
 * writes nothing but, in the beginning, the object's count of uses.
 *
 * <p><b>What stays.</b> An object is offered when its entry has been hit before, so that what is read once takes no
 * place. In a full set it takes that of one without uses; if there is none it is not taken, and each of the set has one
 * use less. So an object that is in use leaves only after some others have been wanted instead of it.
 *
 * <p><b>What may be lost.</b> Who changes a set takes its lock, or does nothing if another has it: then an object is
 * not kept, or not replaced by a newer one, and looked up and offered again the next time.
 *
 * <p>Any thread. A hit allocates nothing.
 *
 * @param <K> the type of keys, with {@code equals} and {@code hashCode} that agree with their bytes
 * @param <V> the type of values
 */
final class LiveObjects<K, V> {
  /** The most that can be asked for. */
  static final int ENTRIES_MAX = 1 << 24;

  /** How many places a set has, one for each byte of its word of tags. */
  private static final int PLACES = Long.BYTES;

  private static final int USES_MAX = 3;

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final int TAG_MASK = 0xFF;
  private static final int BYTE_SHIFT = 3;

  /** Of the golden ratio: brings all bits of a hash code into the upper ones of the product. */
  private static final int SPREAD = 0x9E3779B9;

  /** Where the tag is in the product: below the bits that choose the set. */
  private static final int TAG_SHIFT = 3;

  private static final int FREE = 0;
  private static final int TAKEN = 1;

  /** A key, its value, and how to tell whether it still has that. */
  private static final class Node<K, V> extends Sighting {
    final K key;
    final V value;

    /** Without order or atomicity: what is lost is a use or two. */
    int uses;

    Node(EntryInfo info, K key, V value) {
      super(info);
      this.key = key;
      this.value = value;
    }
  }

  private final Store store;
  private final int entries;
  private final int sets;

  /** What leaves the number of the set of a product, whose lowest bit is gone. */
  private final int setShift;

  // Read without order: a node says itself, by its final fields, whether it is wanted and out of date, and a tag that
  // is not that of its node costs a comparison or a lookup.
  private final long[] tags;
  private final @Nullable Node<K, V>[] nodes;

  /** A lock for each set. */
  private final AtomicIntegerArray locks;

  /** At which place of a set to begin; without order or atomicity, as any will do. */
  private int turn;

  /** Objects of entries of a store, so many at most, 1 to {@link #ENTRIES_MAX}. */
  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
  LiveObjects(Store store, int entries) {
    this.store = store;
    this.entries = entries;
    this.sets = Integer.highestOneBit(2 * ((entries + PLACES - 1) / PLACES) - 1);
    this.setShift = Integer.SIZE - 1 - Integer.numberOfTrailingZeros(sets);
    this.tags = new long[sets];
    this.nodes = new Node[sets * PLACES];
    this.locks = new AtomicIntegerArray(sets);
  }

  /** The value of a key, if it is here and certainly the present one; this is a hit of the cache then. */
  @Nullable V get(K key) {
    Node<K, V> node = node(key);
    if (node == null || !store.isUnchanged(node)) {
      return null;
    }
    if (node.uses < USES_MAX) {
      node.uses++;
    }
    return node.value;
  }

  /** Whether there is an object of a key, whether or not it is out of date. */
  boolean knows(K key) {
    return node(key) != null;
  }

  /**
   * The value of a key, if what was decoded is of the version that a lookup has just found, which is told by {@code
   * info}: it counts as seen now.
   */
  @Nullable V sameVersion(K key, EntryInfo info) {
    Node<K, V> node = node(key);
    if (node == null || node.version() != info.version()) {
      return null;
    }
    keep(key, node.value, info);
    return node.value;
  }

  private @Nullable Node<K, V> node(K key) {
    int hash = key.hashCode();
    int set = set(hash);
    for (long fits = fits(tags[set], hash); fits != 0; fits &= fits - 1) {
      Node<K, V> node = nodes[place(set, fits)];
      if (node != null && key.equals(node.key)) {
        return node;
      }
    }
    return null;
  }

  /** Keeps what was decoded from the entry that a lookup has just found, instead of an older one if there is one. */
  void keep(K key, V value, EntryInfo info) {
    if (!info.isSteady()) {
      return;
    }
    int hash = key.hashCode();
    int set = set(hash);
    if (!locks.weakCompareAndSetAcquire(set, FREE, TAKEN)) {
      return;
    }
    try {
      int place = placeOf(key, hash, set);
      Node<K, V> before = place < 0 ? null : nodes[place];
      if (place < 0) {
        place = makeRoom(set);
      }
      if (place >= 0) {
        Node<K, V> node = new Node<>(info, key, value);
        node.uses = before == null ? 0 : before.uses;
        set(set, place, node, tag(hash));
      }
    } finally {
      locks.setRelease(set, FREE);
    }
  }

  /** Drops the object of a key, which the cache does not have any more. */
  void drop(K key) {
    int hash = key.hashCode();
    int set = set(hash);
    if (fits(tags[set], hash) == 0 || !locks.weakCompareAndSetAcquire(set, FREE, TAKEN)) {
      return;
    }
    try {
      int place = placeOf(key, hash, set);
      if (place >= 0) {
        set(set, place, null, 0);
      }
    } finally {
      locks.setRelease(set, FREE);
    }
  }

  /** Drops all objects; those that are kept meanwhile may stay. */
  void clear() {
    for (int set = 0; set < sets; set++) {
      if (locks.compareAndSet(set, FREE, TAKEN)) {
        for (int place = set * PLACES; place < (set + 1) * PLACES; place++) {
          nodes[place] = null;
        }
        tags[set] = 0;
        locks.setRelease(set, FREE);
      }
    }
  }

  // ---- a set, under its lock

  private int placeOf(K key, int hash, int set) {
    for (long fits = fits(tags[set], hash); fits != 0; fits &= fits - 1) {
      int place = place(set, fits);
      Node<K, V> node = nodes[place];
      if (node != null && key.equals(node.key)) {
        return place;
      }
    }
    return -1;
  }

  /** A place that is free, or else one whose object is not used, in turn; -1 if there is none. */
  private int makeRoom(int set) {
    int first = set * PLACES;
    int count = places(set);
    for (int place = first; place < first + count; place++) {
      if (nodes[place] == null) {
        return place;
      }
    }
    int begin = turn++ & (PLACES - 1);
    for (int i = 0; i < count; i++) {
      int place = first + (begin + i) % count;
      Node<K, V> node = nodes[place];
      if (node != null && node.uses <= 0) {
        return place;
      }
    }
    for (int place = first; place < first + count; place++) {
      Node<K, V> node = nodes[place];
      if (node != null) {
        node.uses--;
      }
    }
    return -1;
  }

  private void set(int set, int place, @Nullable Node<K, V> node, long tag) {
    int shift = (place - set * PLACES) << BYTE_SHIFT;
    nodes[place] = node;
    tags[set] = (tags[set] & ~((long) TAG_MASK << shift)) | (tag << shift);
  }

  // ---- from the key to the place

  /** By the upper bits of the product: hash codes that follow each other, as numbers do, are spread evenly. */
  private int set(int hash) {
    return (hash * SPREAD) >>> 1 >>> setShift;
  }

  /** How many places of a set are used: all sets together have as many as there may be entries. */
  private int places(int set) {
    return (int) ((set + 1L) * entries / sets - (long) set * entries / sets);
  }

  /** 1 to 255; 0 is that of a free place. */
  private static long tag(int hash) {
    return Math.max((hash * SPREAD) >>> TAG_SHIFT & TAG_MASK, 1);
  }

  /** The high bit of each byte that equals the tag of the hash; bytes above an equal one may be wrong by one. */
  private static long fits(long tagsOfSet, int hash) {
    long difference = tagsOfSet ^ tag(hash) * ONES;
    return (difference - ONES) & ~difference & HIGHS;
  }

  private static int place(int set, long fits) {
    return set * PLACES + (Long.numberOfTrailingZeros(fits) >>> BYTE_SHIFT);
  }
}
