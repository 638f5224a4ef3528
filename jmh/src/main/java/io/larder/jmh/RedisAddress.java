package io.larder.jmh;

import java.net.InetAddress;
import java.nio.file.Path;

/**
 * Where a Redis server on this machine is reached.
 *
 * @param port on the loopback interface
 * @param socket its Unix domain socket
 * @param unix whether by the latter
 */
record RedisAddress(int port, Path socket, boolean unix) {
  String host() {
    return InetAddress.getLoopbackAddress().getHostAddress();
  }
}
