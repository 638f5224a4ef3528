package io.larder;

import io.larder.engine.Store;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/*
 * LOAD-1  A write beats an older load
 *   Shared     : the table of flights; the key's entry or lease in the store
 *   Threads    : the flight's owner; others who ask for the key; any who write to it
 *   Invariant  : who asks after a write has returned gets neither from a flight nor from the store what a loader
 *                began to find out before it
 *   Owner      : O1 enter the flight   O2 lease the key   O3 call the loader   O4 put on condition of the lease's
 *                version   O5 forget the flight   O6 give the result to who has joined
 *   Writer     : W1 write to the store, which ends any lease   W2 forget the flight
 *   Asker      : A1 look the key up   A2 join the flight, if there is one, else become an owner
 *   Argument   : if W1 comes before O2, the load begins after the write and may be stored; if it comes after, O4
 *                meets another version, or none, and stores nothing. Who asks after W2 does not find the flight
 *   Stale read : who asks between W1 and W2 may join and get the older value: the write has not returned yet.
 *                Between A1 and O1 another flight may have come and gone; O2 finds its entry, and it is returned
 *                instead of loading again
 *   Processes  : who finds the lease of another that lives waits, and asks again, until the value is there or the lease
 *                is gone; after ten seconds he takes it, so that a process which is stopped holds nobody up for ever
 *   Tiers      : O2 is a write to both tiers, TIER-1: what A1 has missed on its way down does not come up behind O6
 *   Checked by : LoadingTest, TierOrderTest, LeaseTest, SharedLoadingTest; jcstress LeaseInvalidation
 */

/**
 * Loads what is not there: one {@link Flight} for a key at a time, LOAD-1 above.
 *
 * <p>Without a lease (the store may have no room for one, or evict it) the value is returned and not stored.
 */
final class Loading<K, V> {
  /** How often a lease is tried for when the key appears and vanishes again in between. */
  private static final int LEASE_ATTEMPTS_MAX = 4;

  private final Core core;
  private final TypedCache<K, V> cache;
  private final Codec<V> values;

  Loading(Core core, TypedCache<K, V> cache, Codec<V> values) {
    this.core = core;
    this.cache = cache;
    this.values = values;
  }

  /** The value of a key that was not found a moment ago; {@code encoded} is an array for this purpose alone. */
  @Nullable V load(K key, byte[] encoded, Loader<? super K, ? extends V> loader) {
    long hash = core.store().hash(encoded, 0, encoded.length);
    while (true) {
      Flight own = new Flight(hash, encoded);
      Flight flight = core.flights.enter(own);
      if (flight == own) {
        return fly(own, key, loader);
      }
      if (flight.join()) {
        byte[] result = flight.await();
        if (result == null) {
          return null;
        }
        V value = cache.decode(result, 0, result.length);
        if (value != null) {
          return value;
        }
      }
      V value = find(flight, false);
      if (value != null) {
        return value;
      }
    }
  }

  private @Nullable V fly(Flight flight, K key, Loader<? super K, ? extends V> loader) {
    long lease = 0;
    try {
      for (int attempt = 0; attempt < LEASE_ATTEMPTS_MAX; attempt++) {
        lease = core.lease(flight);
        if (lease != Store.PRESENT) {
          break;
        }
        V value = find(flight, true);
        if (value != null) {
          land(flight, 0, value, 0);
          return value;
        }
      }
      long begin = System.nanoTime();
      V value = call(loader, key);
      land(flight, lease, value, core.settings().loadCosts() ? cost(System.nanoTime() - begin) : 0);
      return value;
    } catch (Throwable failure) {
      core.flights.forget(flight);
      flight.fail(failure);
      core.giveBack(lease, flight);
      throw failure;
    }
  }

  /** Looks the key up again; what cannot be decoded is dropped on demand, as it would stand in the way of the lease. */
  private @Nullable V find(Flight flight, boolean dropUndecodable) {
    Scratch scratch = Scratch.take();
    try {
      V value = cache.readWithVersion(core.store(), flight.key, flight.key.length, scratch);
      if (value == null && dropUndecodable && scratch.expectedVersion != 0) {
        core.giveBack(scratch.expectedVersion, flight);
      }
      return value;
    } finally {
      scratch.release();
    }
  }

  private @Nullable V call(Loader<? super K, ? extends V> loader, K key) {
    long begin = System.nanoTime();
    boolean returned = false;
    try {
      V value = loader.load(key);
      returned = true;
      return value;
    } catch (RuntimeException | Error unchecked) {
      throw unchecked;
    } catch (Exception checked) {
      if (checked instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new CacheException(
          CacheException.Code.LOAD_FAILED,
          "cache \"" + core.settings().name() + "\": the loader failed: " + checked,
          checked);
    } finally {
      if (core.settings().recordStats()) {
        core.loadNanos.add(System.nanoTime() - begin);
        (returned ? core.loads : core.loadFailures).increment();
      }
    }
  }

  /** Microseconds, as a cost. */
  private static int cost(long nanos) {
    return Math.clamp(nanos / 1_000, 1, Entry.COST_MAX);
  }

  /** Stores the value if there is a lease, and gives it to those who wait. */
  private void land(Flight flight, long lease, @Nullable V value, int cost) {
    if (value == null) {
      core.giveBack(lease, flight);
      core.flights.forget(flight);
      if (flight.close()) {
        flight.land(null);
      }
      return;
    }
    Scratch scratch = Scratch.take();
    try {
      values.encode(value, scratch.value);
      core.publish(scratch.spec, lease, flight, cost, scratch.value.array(), scratch.value.length());
      core.flights.forget(flight);
      if (flight.close()) {
        flight.land(Arrays.copyOf(scratch.value.array(), scratch.value.length()));
      }
    } finally {
      scratch.release();
    }
  }
}
