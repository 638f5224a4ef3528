package io.larder.mmap;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import org.jspecify.annotations.Nullable;

/**
 * An exclusive kernel lock on a lock file, and the only channel of that file in this process.
 *
 * <p>Closing <em>any</em> channel of a file drops every lock that the process has on it. So nothing else here may open
 * a lock file that is held: what is to be read or written in it goes through this channel.
 *
 * @param channel the channel
 * @param lock the lock, given up when the channel is closed
 */
record HeldLock(FileChannel channel, FileLock lock) implements AutoCloseable {

  /** Locks the file of a channel, or else closes the channel: null when another process has the lock. */
  static @Nullable HeldLock tryTake(FileChannel channel) throws IOException {
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock == null ? null : new HeldLock(channel, lock);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
