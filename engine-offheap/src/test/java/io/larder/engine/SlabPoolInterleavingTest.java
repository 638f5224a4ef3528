package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.PartitionSlabsLayout;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SlabPool;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Somebody takes or gives a slab, and before each access to memory of his others take and give theirs, ALC-1. */
class SlabPoolInterleavingTest {
  private static final long MEMORY_BYTES = 1 << 20;
  private static final int GIVEN = 4;

  private final RegionGeometry geometry = RegionGeometry.of(MEMORY_BYTES, 1, PartitionLayout.BYTES);
  private final long hand = geometry.partitionSlabsOffset(0) + PartitionSlabsLayout.HAND_OFFSET;

  @Test
  void aSlabIsInOnePlaceWhenTakingIsInterrupted() {
    aSlabIsInOnePlace((pool, taken) -> taken.add(pool.take(hand)));
  }

  @Test
  void aSlabIsInOnePlaceWhenGivingIsInterrupted() {
    aSlabIsInOnePlace((pool, taken) -> pool.give(taken.removeLast()));
  }

  private void aSlabIsInOnePlace(BiConsumer<SlabPool, List<Integer>> action) {
    boolean interrupted = true;
    for (int access = 1; interrupted; access++) {
      SteppedMemory memory = new SteppedMemory(MEMORY_BYTES);
      SlabPool pool = new SlabPool(memory, geometry);
      List<Integer> taken = new ArrayList<>();
      for (int i = 0; i <= GIVEN; i++) {
        taken.add(pool.take(hand));
      }
      for (int i = 0; i < GIVEN; i++) {
        pool.give(taken.removeFirst());
      }
      interrupted =
          memory.interrupt(
              () -> action.accept(pool, taken),
              access,
              () -> {
                // Afterwards the first slab of the pool is as before, and the next one is not.
                int first = pool.take(hand);
                taken.addFirst(pool.take(hand));
                pool.give(first);
              });
      for (int slab = pool.take(hand); slab != SlabPool.NONE; slab = pool.take(hand)) {
        taken.add(slab);
      }
      assertThat(taken).as("interrupted at %d", access).hasSize(geometry.slabCount()).doesNotHaveDuplicates();
    }
  }
}
