package io.larder.jmh;

import io.larder.ByteCache;
import io.larder.CacheStats;
import io.larder.Codec;
import io.larder.Entry;
import io.larder.Larder;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;

/** Larder in private memory, with its own clock and its own maintenance thread. */
final class LarderExpiry implements ExpirySubject {
  private static final String NAME = "expiry";
  private static final String THREAD = "larder-" + NAME;

  private final ByteCache cache;
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final long maintenanceThread;
  private CacheStats stats;

  LarderExpiry(int entries) {
    Shape largest = new Shape(entries, ExpiryLoad.KEY_BYTES, ExpiryLoad.VALUE_BYTES_MAX, false);
    this.cache =
        Larder.builder(Codec.bytes(), Codec.bytes())
            .memory(largest.bytesWithHeadroom(LarderSubject.OVERHEAD_BYTES))
            .name(NAME)
            .buildBytes();
    this.stats = cache.stats();
    this.maintenanceThread =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals(THREAD))
            .mapToLong(Thread::threadId)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("the cache has no maintenance thread"));
  }

  @Override
  public void put(byte[] key, byte[] value, int valueBytes, long ttlMillis) {
    cache.put(key, 0, key.length, value, 0, valueBytes, Entry.ttl(Duration.ofMillis(ttlMillis)));
  }

  @Override
  public void flush() {}

  @Override
  public void look() {
    stats = cache.stats();
    if (stats.evictions() + stats.rejections() > 0) {
      throw new IllegalStateException("entries had to make room: evictions=" + stats.evictions());
    }
  }

  @Override
  public long entries() {
    return stats.entries();
  }

  @Override
  public long payloadBytes() {
    return stats.payloadBytes();
  }

  @Override
  public long usedBytes() {
    return cache.stats().usedBytes();
  }

  @Override
  public long cpuNanos() {
    return threads.getThreadCpuTime(maintenanceThread);
  }

  @Override
  public Waiting waiting() {
    return Waiting.ofThread(THREAD);
  }

  @Override
  public void close() {
    cache.close();
  }
}
