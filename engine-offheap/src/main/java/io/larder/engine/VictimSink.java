package io.larder.engine;

/** Is shown every entry that is evicted, while its bytes are still there. */
@FunctionalInterface
public interface VictimSink {
  /**
   * Called by the thread that evicts, under the partition's lock, when the index names the entry no more: it may copy
   * what it wants, and must never wait or call the store. The victim is valid during the call only.
   */
  void evicted(Victim victim);
}
