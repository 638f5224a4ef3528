package io.larder.jmh;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** A Redis server through Jedis: one connection for each client, byte arrays on both sides, pipelines for batches. */
final class JedisSubject implements Subject<byte[]> {
  private static final int BATCH_KEYS_MAX = 256;

  private final Shape shape;
  private final RedisAddress address;
  private final List<Jedis> connections = new ArrayList<>();

  JedisSubject(Shape shape, RedisAddress address) {
    this.shape = shape;
    this.address = address;
  }

  private Jedis connect() {
    Jedis jedis =
        address.unix()
            ? new Jedis(() -> unixSocket(address))
            : new Jedis(new HostAndPort(address.host(), address.port()));
    connections.add(jedis);
    return jedis;
  }

  private static UnixSocket unixSocket(RedisAddress address) {
    try {
      return UnixSocket.connect(address.socket());
    } catch (IOException failure) {
      throw new JedisConnectionException(failure);
    }
  }

  /** Puts all entries, many at a time. */
  void fill(Values values) {
    Jedis jedis = connect();
    Pipeline pipeline = jedis.pipelined();
    for (int i = 0; i < shape.entries(); i++) {
      pipeline.set(newKey(i), values.of(i));
      if (i % BATCH_KEYS_MAX == 0) {
        pipeline.sync();
      }
    }
    pipeline.sync();
    long there = jedis.dbSize();
    if (there != shape.entries()) {
      throw new IllegalStateException("of entries=" + shape.entries() + " there are " + there);
    }
  }

  @Override
  public byte[] newKey(int number) {
    return Keys.bytes(number, shape.keyBytes());
  }

  @Override
  public Client<byte[]> newClient() {
    return new JedisClient(connect());
  }

  @Override
  public Map<String, Long> ledger() {
    return Map.of();
  }

  @Override
  public void close() {
    connections.forEach(Jedis::close);
  }

  private static final class JedisClient implements Client<byte[]> {
    private final Jedis jedis;
    private final Pipeline pipeline;
    private final Response<?>[] responses = new Response<?>[BATCH_KEYS_MAX];
    private byte[] buffer = {};

    JedisClient(Jedis jedis) {
      this.jedis = jedis;
      this.pipeline = jedis.pipelined();
    }

    @Override
    public int get(byte[] key) {
      return take(jedis.get(key));
    }

    private int take(byte @Nullable [] value) {
      if (value == null) {
        return ABSENT;
      }
      buffer = value;
      return value.length;
    }

    @Override
    public byte[] buffer() {
      return buffer;
    }

    @Override
    public void put(byte[] key, byte[] value) {
      jedis.set(key, value);
    }

    @Override
    public int getAll(Object[] keys, int[] numbers, int from, int count) {
      for (int i = 0; i < count; i++) {
        responses[i] = pipeline.get((byte[]) keys[numbers[from + i]]);
      }
      pipeline.sync();
      int sum = 0;
      for (int i = 0; i < count; i++) {
        sum += take((byte[]) responses[i].get());
      }
      return sum;
    }
  }
}
