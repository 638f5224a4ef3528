package io.larder.cli;

import io.larder.Batch;
import io.larder.ByteCache;
import io.larder.CacheBuilder;
import io.larder.Codec;
import io.larder.Entry;
import io.larder.Larder;
import io.larder.TierFactory;
import io.larder.ValueView;
import io.larder.cli.TortureOperation.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A process that does random operations on a shared file, or on a memory and a file of its own, until it is killed, or
 * its standard input ends. Everything it does goes to its log; what it has to say besides goes to standard output.
 */
final class TortureWorker {
  /** Begins a line about a torn value. */
  static final String TORN = "torn ";

  private static final int HOT_KEYS = 16;
  private static final int BATCH_KEYS = 8;
  private static final int RESIZE_MILLIS_MAX = 1_000;
  private static final int PACE_STEPS = 32;

  /** Of a hundred operations on a counter those before are reads. */
  private static final int INCREMENTS_FROM = 35;

  private static final int INCREMENT_ATTEMPTS = 16;

  private final TorturePlan plan;
  private final ByteCache cache;
  private final TortureLog.Writer log;
  private final int writer;
  private final SplittableRandom random;
  private final byte[][] keys;
  private final long[] versions;
  private final Found found;
  private final byte[] target;
  private final Batch batch;
  private final @Nullable TortureTwin twin;
  private final int[] batchRecords = new int[BATCH_KEYS];
  private final int[] batchKeys = new int[BATCH_KEYS];
  private int writes;

  TortureWorker(
      TorturePlan plan, ByteCache cache, TortureLog.Writer log, int writer, long seed, @Nullable TortureTwin twin) {
    this.plan = plan;
    this.cache = cache;
    this.log = log;
    this.writer = writer;
    this.random = new SplittableRandom(seed);
    this.keys = new byte[plan.keys()][];
    this.versions = new long[plan.keys()];
    this.found = new Found(plan.largeBytesMax());
    this.target = new byte[plan.largeBytesMax()];
    this.twin = twin;
    this.batch = new Batch(BATCH_KEYS, TorturePlan.SMALL_BYTES_MAX);
    for (int key = 0; key < keys.length; key++) {
      keys[key] = TortureValue.key(key);
    }
  }

  /**
   * Works until told to end.
   *
   * @param args those of the plan, the log's file, worker and start, seed
   */
  public static void main(String[] args) throws IOException {
    TorturePlan plan = TorturePlan.of(args);
    Path logFile = Path.of(args[TorturePlan.ARGUMENTS]);
    int writer = Integer.parseInt(args[TorturePlan.ARGUMENTS + 1]);
    long seed = Long.parseLong(args[TorturePlan.ARGUMENTS + 2]);
    StandardInputEnd end = StandardInputEnd.await();
    try (TortureLog.Writer log = new TortureLog.Writer(logFile);
        ByteCache cache = open(plan, TortureValue.worker(writer))) {
      TortureTwin twin = TortureTwin.isWanted() && !plan.hasTiers() ? new TortureTwin() : null;
      new TortureWorker(plan, cache, log, writer, seed, twin).run(end::isReached);
    }
  }

  /** The cache of a worker, as users open it. */
  static ByteCache open(TorturePlan plan, int worker) {
    CacheBuilder<byte[], byte[]> builder = Larder.builder(Codec.bytes(), Codec.bytes());
    if (!plan.hasTiers()) {
      return builder.sharedFile(plan.fileOf(worker), plan.bytes()).buildBytes();
    }
    TierFactory tier = TierFactory.file(plan.fileOf(worker), plan.bytes());
    return builder
        .memory(plan.memoryBytes())
        .tier(TortureTwin.isWanted() ? TortureTwin.discardingNothing(tier) : tier)
        .flushOnClose()
        .buildBytes();
  }

  /** A read's value, copied out of the cache. */
  static final class Found {
    final byte[] value;
    long version;
    int length;

    Found(int room) {
      value = new byte[room];
    }

    /** May run again, on bytes that changed meanwhile. */
    static Boolean copy(Found found, ValueView view) {
      found.version = view.version();
      found.length = view.length();
      view.copyTo(0, found.value, 0, Math.min(found.length, found.value.length));
      return Boolean.TRUE;
    }
  }

  void run(BooleanSupplier isOver) {
    long begin = System.nanoTime();
    long nextResize = plan.hasTiers() ? Long.MAX_VALUE : nextResize();
    for (long step = 1; !isOver.getAsBoolean(); step++) {
      if (System.nanoTime() >= nextResize) {
        cache.resize(random.nextLong(plan.bytesMin(), plan.bytes() + 1));
        nextResize = nextResize();
      }
      if (!log.hasRoom(2 * INCREMENT_ATTEMPTS)) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      } else {
        step();
      }
      if (step % PACE_STEPS == 0) {
        long ahead = step * (1_000_000_000L / plan.operationsPerSecond()) - (System.nanoTime() - begin);
        if (ahead > 0) {
          LockSupport.parkNanos(ahead);
        }
      }
    }
  }

  private long nextResize() {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(RESIZE_MILLIS_MAX));
  }

  private void step() {
    int key = pickKey();
    int dice = random.nextInt(100);
    if (plan.isCounter(key) && dice >= INCREMENTS_FROM) {
      increment(key);
    } else if (dice < 20) {
      read(key);
    } else if (dice < 32) {
      get(key);
    } else if (dice < 35) {
      getAll();
    } else if (dice < 60) {
      put(key);
    } else if (dice < 65) {
      if (plan.mayExpire(key)) {
        putExpiring(key);
      } else {
        put(key);
      }
    } else if (dice < 74) {
      putIfAbsent(key);
    } else if (dice < 87) {
      replaceIfVersion(key);
    } else if (dice < 95) {
      remove(key);
    } else {
      removeIfVersion(key);
    }
  }

  private int pickKey() {
    int dice = random.nextInt(100);
    if (dice < 3) {
      return random.nextInt(plan.largeKeys());
    }
    int hot = dice < 40 ? Math.min(HOT_KEYS, plan.keys() - plan.largeKeys()) : plan.keys() - plan.largeKeys();
    return plan.largeKeys() + random.nextInt(hot);
  }

  /** Small values have 32 bytes to 4 KiB; each doubling of the length is as frequent as the others. */
  private byte[] newValue(int key, long id) {
    int length;
    if (key < plan.largeKeys()) {
      int least = Math.min(TorturePlan.LARGE_BYTES_MIN, plan.largeBytesMax() / 2);
      length = random.nextInt(least, plan.largeBytesMax() + 1);
    } else {
      int most = TortureValue.BYTES_MIN << random.nextInt(1, 8);
      length = random.nextInt(TortureValue.BYTES_MIN, Math.min(most, TorturePlan.SMALL_BYTES_MAX) + 1);
    }
    return TortureValue.make(key, id, length);
  }

  private long newId() {
    return TortureValue.id(writer, ++writes);
  }

  private void read(int key) {
    int record = log.intend(Kind.READ, key, 0, 0);
    Boolean there = lookUp(key);
    long end = TortureLog.Writer.endNow();
    if (there == null) {
      log.doneAt(end, record, ByteCache.ABSENT, 0);
      versions[key] = 0;
    } else if (judge(record, end, key, found.value, found.length, found.version)) {
      versions[key] = found.version;
    }
  }

  private @Nullable Boolean lookUp(int key) {
    return twin == null
        ? cache.read(keys[key], found, Found::copy)
        : twin.read(key, found, () -> cache.read(keys[key], found, Found::copy));
  }

  private void get(int key) {
    int record = log.intend(Kind.GET, key, 0, 0);
    int length = cache.get(keys[key], target);
    long end = TortureLog.Writer.endNow();
    if (length == ByteCache.ABSENT) {
      log.doneAt(end, record, ByteCache.ABSENT, 0);
    } else {
      judge(record, end, key, target, length, TortureOperation.FOUND);
    }
  }

  private void getAll() {
    batch.clear();
    for (int i = 0; i < BATCH_KEYS; i++) {
      int key = plan.largeKeys() + random.nextInt(plan.keys() - plan.largeKeys());
      batchKeys[i] = key;
      batch.add(keys[key]);
      batchRecords[i] = log.intend(Kind.GET, key, 0, 0);
    }
    cache.getAll(batch);
    long end = TortureLog.Writer.endNow();
    for (int i = 0; i < BATCH_KEYS; i++) {
      int length = batch.length(i);
      if (length == ByteCache.ABSENT) {
        log.doneAt(end, batchRecords[i], ByteCache.ABSENT, 0);
      } else {
        byte[] value = new byte[Math.max(TortureValue.BYTES_MIN, Math.min(length, batch.valueBytesMax()))];
        System.arraycopy(batch.values(), batch.offset(i), value, 0, Math.min(length, batch.valueBytesMax()));
        judge(batchRecords[i], end, batchKeys[i], value, length, TortureOperation.FOUND);
      }
    }
  }

  /** Notes what a read found, and whether it was a whole value of that key. */
  private boolean judge(int record, long end, int key, byte[] value, int length, long outcome) {
    String flaw =
        length > value.length ? length + " bytes are too many" : TortureValue.flaw(value, length, key);
    if (flaw == null) {
      log.doneAt(end, record, outcome, TortureValue.id(value));
      return true;
    }
    log.tornAt(end, record);
    System.out.println(TORN + TortureValue.writerName(writer) + " key=" + key + " v" + outcome + ": " + flaw);
    return false;
  }

  private void put(int key) {
    long id = newId();
    byte[] value = newValue(key, id);
    int record = log.intend(Kind.PUT, key, id, 0);
    acknowledge(record, key, cache.put(keys[key], value));
  }

  private void putExpiring(int key) {
    long id = newId();
    byte[] value = newValue(key, id);
    int millis = random.nextInt(1, plan.ttlMillisMax());
    Entry entry = Entry.ttl(Duration.ofMillis(millis));
    int record = log.intend(Kind.PUT_TTL, key, id, millis);
    acknowledge(record, key, cache.put(keys[key], value, entry));
  }

  private void putIfAbsent(int key) {
    long id = newId();
    byte[] value = newValue(key, id);
    int record = log.intend(Kind.PUT_IF_ABSENT, key, id, 0);
    acknowledge(record, key, cache.putIfAbsent(keys[key], value, Entry.plain()));
  }

  private void replaceIfVersion(int key) {
    long version = version(key);
    if (version > 0) {
      long id = newId();
      byte[] value = newValue(key, id);
      int record = log.intend(Kind.REPLACE_IF_VERSION, key, id, version);
      acknowledge(record, key, cache.replaceIfVersion(keys[key], version, value, Entry.plain()));
    }
  }

  /** Adds one to a counter as users do it: by putting if it still has the version that was read, and again if not. */
  private void increment(int key) {
    for (int attempt = 0; attempt < INCREMENT_ATTEMPTS; attempt++) {
      read(key);
      long version = versions[key];
      long id = newId();
      long counter = version == 0 ? 0 : TortureValue.counter(found.value);
      byte[] value = TortureValue.make(key, id, TortureValue.BYTES_MIN, counter + 1);
      if (version == 0) {
        int record = log.intend(Kind.PUT_IF_ABSENT, key, id, 0);
        acknowledge(record, key, cache.putIfAbsent(keys[key], value, Entry.plain()));
      } else {
        int record = log.intend(Kind.REPLACE_IF_VERSION, key, id, version);
        acknowledge(record, key, cache.replaceIfVersion(keys[key], version, value, Entry.plain()));
      }
      if (versions[key] > 0) {
        return;
      }
    }
  }

  private void remove(int key) {
    int record = log.intend(Kind.REMOVE, key, 0, 0);
    log.done(record, cache.remove(keys[key]), 0);
    versions[key] = 0;
  }

  private void removeIfVersion(int key) {
    long version = version(key);
    if (version > 0) {
      int record = log.intend(Kind.REMOVE_IF_VERSION, key, 0, version);
      log.done(record, cache.removeIfVersion(keys[key], version), 0);
      versions[key] = 0;
    }
  }

  /** A version that the key has now, or had a while ago. */
  private long version(int key) {
    if (versions[key] == 0 || random.nextBoolean()) {
      read(key);
    }
    return versions[key];
  }

  private void acknowledge(int record, int key, long outcome) {
    log.done(record, outcome, 0);
    versions[key] = Math.max(0, outcome);
  }
}
