package io.larder.engine;

/**
 * A partition, or the size of the region, has been locked by another process for too long: it lives, so what it holds
 * is not taken from it, and is stopped, or gets no time. Nothing was done.
 */
public final class PartitionBusyException extends RuntimeException {
  private static final long serialVersionUID = 1;

  PartitionBusyException(int partition, long waitedNanos) {
    super(
        "partition " + partition + " has been locked by another process that lives for more than "
            + waitedNanos / 1_000_000 + " ms");
  }

  private PartitionBusyException(String message) {
    super(message);
  }

  static PartitionBusyException resizing() {
    return new PartitionBusyException("another process that lives is changing the size of the region all the time");
  }
}
