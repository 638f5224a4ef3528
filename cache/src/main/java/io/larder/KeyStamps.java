package io.larder;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How often the keys have been written to, in a table of words by their fingerprints: what keeps copies of an entry in
 * several places from outliving it.
 *
 * <p>A word is that of many keys. It says how many writes to any of them are under way, and how many have ended.
 * Whoever copies an entry from one tier to another remembers the word, and his copy counts only as long as it has not
 * changed.
 *
 * <p>Any thread; allocates nothing but guards.
 *
 * <pre>
 * TIER-1  A key never goes back in time
 *   Shared     : S, the key's word; L1, the memory; L2, the second tier; either changes a key under a lock of its own
 *   Threads    : writers (put, remove, loads that end); readers that promote; the thread that demotes
 *   Invariant  : while no write to a key is under way, L2 has its present value or none. No read yields a value after
 *                one that is younger has been read, or written by a call that has returned
 *   Writer     : W1 S: one more under way   W2 discard the key in L2   W3 write to L1   W4 S: one less, one more ended
 *   Evictor    : E1 under the lock of L1, the entry being in the index no more: read S; if a write is under way nothing
 *                is demoted   E2 copy the entry and S to the buffer
 *   Demoter    : D1 take them from the buffer   D2 under the lock of L2: S as E1 has read it?   D3 publish in L2
 *   Reader     : R1 look into L1: nothing   R2 read S; if a write is under way it is a miss   R3 read L2
 *                R4 S as R2 has read it? else from R1 again
 *   Promoter   : P1 under the lock of L1: S as R2 has read it, and nothing there?   P2 publish in L1
 *   Argument   : Demoter: if D2 comes before W1, W2 finds what D3 publishes, DIS-1 of the store. If after, D2 fails,
 *                for no word is used twice. Read by E1 between W1 and W4 it is not demoted; read after W4 the entry is
 *                what W3 has written or younger. So an older value comes into L2 neither before W2 unseen nor later.
 *                Promoter: if P1 comes before W1, W3 comes later under the same lock and overwrites or removes what P2
 *                publishes; after W1 P1 fails. What R3 has read was the key's value at R4, or had been one while this
 *                read was going on, as W2 had not begun.
 *                Reader: what R3 finds was in L2 when no write was under way, at R2 and at R4, so it is the present
 *                value by the invariant; a younger one that has been read meanwhile was in L1 after W3 of a write that
 *                ended before R2: W2 came before, so R3 would not find the older one
 *   Absence    : between E2 and D3 an entry is in neither tier, and readers miss it. Who acts on that (takes a lease,
 *                or removes by a function) does W1, W2, a look into L1 and W4, so that it does not come back behind
 *                him
 *   Killed     : L1 goes with the process. A write has returned after W2, so L2 has nothing older. A write between W2
 *                and W4 leaves a miss. D3 is the store's own put
 *   Checked by : TierOrderTest, TierHistoryTest, TierCrashIpcTest, TieredCacheTest; jcstress PutVersusDemotion,
 *                PutVersusPromotion, RemoveVersusPromotion, ExpiryVersusPromotion; torture --tier
 * </pre>
 */
final class KeyStamps {
  /** One write under way. */
  private static final long UNDER_WAY = 1;

  /** One write that has ended. A word comes back to what it was after 10 to the 12 writes. */
  private static final long ENDED = 1L << 24;

  private static final long UNDER_WAY_MASK = ENDED - 1;

  private static final int WORDS_MIN = 1 << 13;
  private static final int WORDS_MAX = 1 << 18;

  /** One word for so much memory. */
  private static final long BYTES_PER_WORD = 1024;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] words;

  /** The words for a cache of so many bytes of memory. */
  KeyStamps(long memoryBytes) {
    long wanted = Math.clamp(memoryBytes / BYTES_PER_WORD, WORDS_MIN, WORDS_MAX);
    this.words = new long[(int) Long.highestOneBit(wanted)];
  }

  private int index(long hash) {
    return (int) (hash >>> 40) & (words.length - 1);
  }

  /** W1. */
  void begin(long hash) {
    begin(index(hash));
  }

  private void begin(int index) {
    long before = (long) WORD.getAndAdd(words, index, UNDER_WAY);
    assert (before & UNDER_WAY_MASK) < UNDER_WAY_MASK : "too many writes under way";
  }

  /** W4. */
  void end(long hash) {
    end(index(hash));
  }

  private void end(int index) {
    long before = (long) WORD.getAndAdd(words, index, ENDED - UNDER_WAY);
    assert (before & UNDER_WAY_MASK) > 0 : "no write is under way";
  }

  /** W1 for all keys. */
  void beginAll() {
    for (int i = 0; i < words.length; i++) {
      begin(i);
    }
  }

  /** W4 for all keys. */
  void endAll() {
    for (int i = 0; i < words.length; i++) {
      end(i);
    }
  }

  /** The word of a key; to be asked whether it {@link #isQuiet}. */
  long read(long hash) {
    return (long) WORD.getVolatile(words, index(hash));
  }

  /** Whether no write was under way when a word was read. */
  static boolean isQuiet(long word) {
    return (word & UNDER_WAY_MASK) == 0;
  }

  /** Whether nothing has been written to a key since its word was read. */
  boolean isCurrent(long hash, long word) {
    return read(hash) == word;
  }

  /** The condition that nothing has been written to a key; to be set and used by one thread, again and again. */
  static final class Guard implements BooleanSupplier {
    private @Nullable KeyStamps stamps;
    private long hash;
    private long word;

    /** Holds as long as the key's word in {@code ofCache} is as it was read. */
    Guard set(KeyStamps ofCache, long keyHash, long keyWord) {
      stamps = ofCache;
      hash = keyHash;
      word = keyWord;
      return this;
    }

    /** Holds no more, and refers to nothing. */
    void clear() {
      stamps = null;
    }

    @Override
    public boolean getAsBoolean() {
      return stamps != null && stamps.isCurrent(hash, word);
    }
  }
}
