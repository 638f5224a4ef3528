package io.larder.engine;

import java.util.concurrent.locks.LockSupport;

/**
 * Tells why a key is there or is not: from the index what is there, and from the {@link Fates} what is not.
 *
 * <p>It leaves no mark of a hit. It takes the lock only where a writer changes the key's bucket all the time that it
 * looks, and may be dead: as reads do. Any thread.
 *
 * @param reader one that marks nothing
 */
@SuppressWarnings("ArrayRecordComponent") // as fixed as the other components, and never compared
record Explainer(StoreReader reader, Partition[] partitions, StoreClock clock, boolean readOnly) {
  private static final int SPINS = 32;

  // About four milliseconds in all.
  private static final int ATTEMPTS = 96;
  private static final long PARK_NANOS = 50_000;

  KeyReport explain(long hash, byte[] key, int keyOffset, int keyLength) {
    Partition partition = partitions[reader.where().partition(hash)];
    EntryInfo info = new EntryInfo();
    int outcome = look(partition, hash, key, keyOffset, keyLength, info);
    if (outcome >= 0) {
      return present(info);
    }
    if (outcome == StoreReader.CORRUPT) {
      return KeyReport.of(Fate.FAILED_CHECKSUM, 0);
    }
    // What was found is hidden.
    boolean found = outcome == Store.ABSENT && info.flags != EntryInfo.NOTHING;
    long expiry = info.expiryMillis();
    boolean over = found && expiry != 0 && expiry <= clock.millis();
    boolean lease = found && (info.flags & EntryLayout.LEASE) != 0;
    if (lease && !over) {
      return KeyReport.of(Fate.BEING_LOADED, KeyReport.NONE);
    }
    return found && !lease ? KeyReport.of(Fate.EXPIRED, age(expiry)) : gone(partition, hash);
  }

  private KeyReport present(EntryInfo info) {
    long expiry = info.expiryMillis();
    long left = expiry == 0 ? KeyReport.NONE : Math.max(expiry - clock.millis(), 0);
    return new KeyReport(Fate.PRESENT, KeyReport.NONE, info.version(), left);
  }

  private KeyReport gone(Partition partition, long hash) {
    long word = partition.fates.newest(hash);
    return word == Fates.NONE ? KeyReport.UNKNOWN : KeyReport.of(Fates.fate(word), age(Fates.millis(word)));
  }

  private long age(long millis) {
    return Math.max(clock.recentMillis() - millis, 0);
  }

  private int look(
      Partition partition, long hash, byte[] key, int keyOffset, int keyLength, EntryInfo info) {
    int outcome = reader.glance(hash, key, keyOffset, keyLength, info);
    for (int attempt = 1; attempt < ATTEMPTS && outcome == StoreReader.CONTENDED; attempt++) {
      if (attempt < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(PARK_NANOS);
      }
      outcome = reader.glance(hash, key, keyOffset, keyLength, info);
    }
    if (outcome == StoreReader.CONTENDED && !readOnly && partition.lockBriefly()) {
      try {
        outcome = reader.glance(hash, key, keyOffset, keyLength, info);
      } finally {
        partition.unlock();
      }
    }
    return outcome;
  }
}
