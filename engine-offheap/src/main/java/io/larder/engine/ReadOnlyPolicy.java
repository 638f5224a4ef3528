package io.larder.engine;

/** The policy of a store that nothing is written to: hits leave no mark, and nothing is ever evicted. */
final class ReadOnlyPolicy implements EvictionPolicy {

  @Override
  public int initial(boolean inOldSlab) {
    return 0;
  }

  @Override
  public int afterHit(int references) {
    return references;
  }

  @Override
  public int afterKeeping(int references) {
    return references;
  }

  @Override
  public int referencesMax() {
    return EntryLayout.REFERENCES_MAX;
  }

  @Override
  public int threshold(int[] histogram, int keepMax) {
    return 0;
  }
}
