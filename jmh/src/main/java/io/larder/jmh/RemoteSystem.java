package io.larder.jmh;

import java.util.Locale;

/** How values are read: from this process, or from a server on the same machine. */
enum RemoteSystem {
  LARDER("in this process"),
  JEDIS_TCP("Redis, Jedis, loopback"),
  JEDIS_UNIX("Redis, Jedis, Unix domain socket by a channel of the JDK"),
  LETTUCE_TCP("Redis, Lettuce, loopback"),
  LETTUCE_UNIX("Redis, Lettuce, Unix domain socket by Netty's epoll");

  private final String description;

  RemoteSystem(String description) {
    this.description = description;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static RemoteSystem of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  String description() {
    return description;
  }

  /** Whether it asks a server. */
  boolean isRemote() {
    return this != LARDER;
  }

  boolean byUnixSocket() {
    return this == JEDIS_UNIX || this == LETTUCE_UNIX;
  }

  /** Whether it can be used on this machine, where there is a server. */
  boolean isPossible() {
    return this != LETTUCE_UNIX || LettuceSubject.hasUnixSockets();
  }

  /** Opens it: Larder empty, the others with what the server has. */
  Subject<byte[]> open(Shape shape, RedisAddress address) {
    return switch (this) {
      case LARDER -> new LarderSubject(shape);
      case JEDIS_TCP, JEDIS_UNIX -> new JedisSubject(shape, address);
      case LETTUCE_TCP, LETTUCE_UNIX -> new LettuceSubject(shape, address);
    };
  }
}
