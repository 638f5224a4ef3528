package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

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

  @Test
  void aSlabIsInOnePlaceWhenTakingIsInterrupted() {
    aSlabIsInOnePlace((pool, taken) -> taken.add(pool.take()));
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
        taken.add(pool.take());
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
                int first = pool.take();
                taken.addFirst(pool.take());
                pool.give(first);
              });
      for (int slab = pool.take(); slab != SlabPool.NONE; slab = pool.take()) {
        taken.add(slab);
      }
      assertThat(taken).as("interrupted at %d", access).hasSize(geometry.slabCount()).doesNotHaveDuplicates();
    }
  }
}
