package io.larder.cli;

import io.larder.Cache;
import io.larder.CacheBuilder;
import io.larder.CacheStats;
import io.larder.Codec;
import io.larder.Compression;
import io.larder.Larder;
import io.larder.TierFactory;
import io.larder.TierStats;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/** Larder with a second tier in a file, or without one, that tells where gets were answered. */
final class TieredContender implements Contender {
  private static final long LATENCY_NANOS_MAX = 60_000_000_000L;
  private static final int DIGITS = 3;
  private static final double RECENT_PERCENTILE = 99;

  private final Cache<byte[], byte[]> cache;
  private final LarderContender larder;
  private final List<PlacingSession> sessions = new ArrayList<>();
  private final Map<Place, LongAdder> reads = new EnumMap<>(Place.class);
  private long lastRecentNanos;

  /** The gets that were answered in a place, from the end of the warm-up on. */
  record Latency(Place place, long count, long p50Nanos, long p99Nanos, long p999Nanos) {}

  /**
   * Opens it.
   *
   * @param withFile false for the memory alone
   */
  TieredContender(JdkImage image, DemoTiersPlan plan, boolean withFile) {
    CacheBuilder<byte[], byte[]> builder =
        Larder.builder(Codec.bytes(), Codec.bytes()).memory(plan.run().budgetBytes());
    if (withFile) {
      builder.tier(new ObservedTier.Factory(TierFactory.file(plan.file(), plan.fileBytes()))).flushOnClose();
      if (plan.compress()) {
        builder.compress(Compression.lz4());
      }
    }
    cache = builder.build();
    larder = new LarderContender(image, cache.bytes());
    for (Place place : Place.values()) {
      reads.put(place, new LongAdder());
    }
  }

  @Override
  public Session newSession() {
    PlacingSession session = new PlacingSession(larder.newSession(), reads);
    sessions.add(session);
    return session;
  }

  /**
   * What the tiers hold and have counted; for one thread.
   *
   * @param atMillis since the beginning
   */
  TierSample sample(long atMillis, long wrong) {
    CacheStats stats = stats();
    Map<TierGauge, Long> values = new EnumMap<>(TierGauge.class);
    values.put(TierGauge.AT, atMillis);
    values.put(TierGauge.MEMORY_ENTRIES, stats.entries());
    values.put(TierGauge.MEMORY_USED, stats.usedBytes());
    values.put(TierGauge.MEMORY_HITS, reads(Place.MEMORY));
    values.put(TierGauge.FILE_HITS, reads(Place.FILE));
    values.put(TierGauge.MISSES, reads(Place.NOWHERE));
    values.put(TierGauge.GET_P99, recentNanos());
    values.put(TierGauge.WRONG, wrong);
    addTier(values, stats.tier());
    return TierSample.of(values);
  }

  private static void addTier(Map<TierGauge, Long> values, @Nullable TierStats tier) {
    if (tier == null) {
      return;
    }
    values.put(TierGauge.FILE_ENTRIES, tier.entries());
    values.put(TierGauge.FILE_USED, tier.usedBytes());
    values.put(TierGauge.PROMOTIONS, tier.promotions());
    values.put(TierGauge.DEMOTIONS, tier.demotions());
    values.put(TierGauge.DEMOTED_BYTES, tier.demotedBytes());
    values.put(TierGauge.WRITTEN_BYTES, tier.writtenBytes());
    values.put(TierGauge.CLEAN_SKIPS, tier.cleanSkips());
    values.put(TierGauge.SUPERSEDED, tier.superseded());
    values.put(TierGauge.DROPPED, tier.dropped());
    values.put(TierGauge.FILE_EVICTIONS, tier.evictions());
  }

  CacheStats stats() {
    return cache.stats();
  }

  /** How many gets were answered there. */
  long reads(Place place) {
    return Objects.requireNonNull(reads.get(place)).sum();
  }

  /** That of the gets since it was asked last, or as it was if there were none. */
  private long recentNanos() {
    Histogram recent = new Histogram(LATENCY_NANOS_MAX, DIGITS);
    sessions.forEach(session -> recent.add(session.recentNanos()));
    if (recent.getTotalCount() > 0) {
      lastRecentNanos = recent.getValueAtPercentile(RECENT_PERCENTILE);
    }
    return lastRecentNanos;
  }

  /** What was measured, when the sessions are not used any more. */
  List<Latency> latencies() {
    List<Latency> latencies = new ArrayList<>();
    for (Place place : Place.values()) {
      Histogram all = new Histogram(LATENCY_NANOS_MAX, DIGITS);
      sessions.forEach(session -> all.add(session.nanos(place)));
      latencies.add(
          new Latency(
              place,
              all.getTotalCount(),
              all.getValueAtPercentile(50),
              all.getValueAtPercentile(99),
              all.getValueAtPercentile(99.9)));
    }
    return latencies;
  }

  @Override
  public long entries() {
    return stats().entries();
  }

  @Override
  public long payloadBytes() {
    return larder.payloadBytes();
  }

  @Override
  public long accountedBytes() {
    return larder.accountedBytes();
  }

  @Override
  public boolean accountsForAll() {
    return true;
  }

  @Override
  public void releaseRequests() {
    larder.releaseRequests();
  }

  /** Writes to the file what only the memory has, if there is a file. */
  @Override
  public void close() {
    cache.close();
  }

  /** Notes how long gets took and where they were answered. */
  private static final class PlacingSession implements Session {
    private final Session session;
    private final Map<Place, LongAdder> reads;
    private final Map<Place, Histogram> nanos = new EnumMap<>(Place.class);
    private final SingleWriterRecorder recent = new SingleWriterRecorder(LATENCY_NANOS_MAX, DIGITS);
    private @Nullable Histogram interval;

    PlacingSession(Session session, Map<Place, LongAdder> reads) {
      this.session = session;
      this.reads = reads;
      for (Place place : Place.values()) {
        nanos.put(place, new Histogram(LATENCY_NANOS_MAX, DIGITS));
      }
    }

    @Override
    public int get(int number) {
      return session.get(number);
    }

    @Override
    public void took(long tookNanos, int length, boolean measured) {
      boolean below = ObservedTier.foundSince();
      Place place = length == ABSENT ? Place.NOWHERE : below ? Place.FILE : Place.MEMORY;
      adder(place).increment();
      long counted = Math.min(tookNanos, LATENCY_NANOS_MAX);
      recent.recordValue(counted);
      if (measured) {
        nanos(place).recordValue(counted);
      }
    }

    private LongAdder adder(Place place) {
      return Objects.requireNonNull(reads.get(place));
    }

    private Histogram nanos(Place place) {
      return Objects.requireNonNull(nanos.get(place));
    }

    /** The gets since it was asked last; valid until it is asked again. */
    private Histogram recentNanos() {
      Histogram latest = recent.getIntervalHistogram(interval);
      interval = latest;
      return latest;
    }

    @Override
    public byte[] value() {
      return session.value();
    }

    @Override
    public void put(int number, byte[] value, int length) {
      session.put(number, value, length);
    }
  }
}
