package io.larder.jmh;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.EpollProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A Redis server through Lettuce: one connection for each client, byte arrays on both sides, commands written together
 * for batches.
 */
final class LettuceSubject implements Subject<byte[]> {
  private final Shape shape;
  private final RedisClient client;

  LettuceSubject(Shape shape, RedisAddress address) {
    this.shape = shape;
    this.client = RedisClient.create(uri(address));
    // Netty warns of its settings where there is no TCP.
    client.setOptions(
        ClientOptions.builder()
            .socketOptions(SocketOptions.builder().keepAlive(!address.unix()).build())
            .build());
  }

  private static RedisURI uri(RedisAddress address) {
    return address.unix()
        ? RedisURI.Builder.socket(address.socket().toString()).build()
        : RedisURI.Builder.redis(address.host(), address.port()).build();
  }

  /** Whether there are Unix domain sockets for it: Netty brings those of Linux on x86-64 with it. */
  static boolean hasUnixSockets() {
    return EpollProvider.isAvailable();
  }

  @Override
  public byte[] newKey(int number) {
    return Keys.bytes(number, shape.keyBytes());
  }

  @Override
  public Client<byte[]> newClient() {
    return new LettuceClient(client.connect(ByteArrayCodec.INSTANCE));
  }

  @Override
  public Map<String, Long> ledger() {
    return Map.of();
  }

  @Override
  public void close() {
    client.shutdown();
  }

  private static final class LettuceClient implements Client<byte[]> {
    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final RedisCommands<byte[], byte[]> sync;
    private final RedisAsyncCommands<byte[], byte[]> async;
    private final List<RedisFuture<byte[]>> futures = new ArrayList<>();
    private byte[] buffer = {};

    LettuceClient(StatefulRedisConnection<byte[], byte[]> connection) {
      this.connection = connection;
      this.sync = connection.sync();
      this.async = connection.async();
    }

    @Override
    public int get(byte[] key) {
      return take(sync.get(key));
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
      sync.set(key, value);
    }

    @Override
    public int getAll(Object[] keys, int[] numbers, int from, int count) {
      futures.clear();
      connection.setAutoFlushCommands(false);
      for (int i = from; i < from + count; i++) {
        futures.add(async.get((byte[]) keys[numbers[i]]));
      }
      connection.flushCommands();
      connection.setAutoFlushCommands(true);
      int sum = 0;
      for (RedisFuture<byte[]> future : futures) {
        sum += take(valueOf(future));
      }
      return sum;
    }

    private static byte @Nullable [] valueOf(RedisFuture<byte[]> future) {
      try {
        return future.get();
      } catch (ExecutionException failure) {
        throw new IllegalStateException(failure);
      } catch (InterruptedException interrupt) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(interrupt);
      }
    }
  }
}
