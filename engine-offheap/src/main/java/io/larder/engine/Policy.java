package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SlabPool;

/**
 * The eviction policy of a store: one evictor for each partition, and what tells them how to work.
 *
 * @param evictors for the holder of their partition's lock
 * @param selector for the holder of the first partition's lock, mostly
 * @param sampler for any thread
 */
@SuppressWarnings("ArrayRecordComponent") // as fixed as the other components, and never compared
record Policy(Evictor[] evictors, PolicySelector selector, HitSampler sampler) {

  static Policy of(
      Memory memory, RegionGeometry geometry, Partition[] partitions, Entries entries, StoreOptions options) {
    HitSampler sampler = new HitSampler(partitions.length - 1);
    PolicySelector selector = new PolicySelector(memory, geometry, sampler);
    SlabPool pool = new SlabPool(memory, geometry);
    Evictor[] evictors = new Evictor[partitions.length];
    for (int i = 0; i < partitions.length; i++) {
      evictors[i] = new Evictor(memory, geometry, partitions[i], entries, pool, options, selector, sampler);
    }
    return new Policy(evictors, selector, sampler);
  }

  Evictor of(Partition partition) {
    return evictors[partition.number];
  }
}
