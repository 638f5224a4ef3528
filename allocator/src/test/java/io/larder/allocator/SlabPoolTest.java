package io.larder.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ALC-1: a free slab is handed to one taker. */
class SlabPoolTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 200_000;
  private static final int HELD_MAX = 24;

  private final RegionGeometry geometry = RegionGeometry.of(1 << 20, 256);
  private SegmentMemory memory;
  private SlabPool pool;

  @BeforeEach
  void create() {
    memory = SegmentMemory.allocate(geometry.regionBytes());
    pool = new SlabPool(memory, geometry);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  private int take() {
    return pool.take(geometry.partitionSlabsOffset(0) + PartitionSlabsLayout.HAND_OFFSET);
  }

  private List<Integer> takeAll() {
    List<Integer> taken = new ArrayList<>();
    for (int slab = take(); slab != SlabPool.NONE; slab = take()) {
      taken.add(slab);
    }
    return taken;
  }

  private Set<Integer> free() {
    List<Integer> seen = new ArrayList<>();
    pool.forEachFree(seen::add);
    Set<Integer> set = new HashSet<>(seen);
    assertThat(set).hasSameSizeAs(seen);
    return set;
  }

  @Test
  void handsOutEverySlabOnce() {
    assertThat(pool.freeCount()).isEqualTo(geometry.slabCount());
    List<Integer> taken = takeAll();
    assertThat(taken).doesNotHaveDuplicates().hasSize(geometry.slabCount());
    assertThat(taken).allMatch(slab -> slab >= 0 && slab < geometry.slabCount());
    assertThat(pool.freeCount()).isZero();
    assertThat(take()).isEqualTo(SlabPool.NONE);
    assertThat(free()).isEmpty();
  }

  @Test
  void handsOutAgainWhatWasGiven() {
    takeAll();
    pool.give(5);
    pool.give(0);
    assertThat(free()).containsExactlyInAnyOrder(0, 5);
    assertThat(pool.freeCount()).isEqualTo(2);
    assertThat(takeAll()).containsExactlyInAnyOrder(0, 5);
  }

  @Test
  void knowsWhatIsFreeAtAnyTime() {
    SplittableRandom random = TestSeed.random("SlabPoolTest");
    List<Integer> held = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      if (random.nextBoolean() && !held.isEmpty()) {
        pool.give(held.remove(/* index */ random.nextInt(held.size())));
      } else {
        int slab = take();
        assertThat(slab == SlabPool.NONE).isEqualTo(held.size() == geometry.slabCount());
        if (slab != SlabPool.NONE) {
          assertThat(held).doesNotContain(slab);
          held.add(slab);
        }
      }
      assertThat(pool.freeCount()).isEqualTo(geometry.slabCount() - held.size());
    }
    assertThat(free()).doesNotHaveDuplicates().hasSize(geometry.slabCount() - held.size()).noneMatch(held::contains);
  }

  @Test
  void noSlabIsInTwoHands() throws InterruptedException, ExecutionException {
    SplittableRandom random = TestSeed.random("SlabPoolTest");
    AtomicIntegerArray owners = new AtomicIntegerArray(geometry.slabCount());
    CyclicBarrier start = new CyclicBarrier(THREADS);
    try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> runs = new ArrayList<>();
      for (int thread = 1; thread <= THREADS; thread++) {
        int owner = thread;
        SplittableRandom own = random.split();
        runs.add(
            executor.submit(
                () -> {
                  start.await();
                  takeAndGive(owners, owner, own);
                  return null;
                }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    }
    assertThat(pool.freeCount()).isEqualTo(geometry.slabCount());
    assertThat(free()).hasSize(geometry.slabCount());
  }

  private void takeAndGive(AtomicIntegerArray owners, int owner, SplittableRandom random) {
    List<Integer> held = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      // Together the threads want more than there is, so that the pool runs empty now and then.
      if (held.size() < HELD_MAX && random.nextBoolean()) {
        int slab = take();
        if (slab != SlabPool.NONE) {
          assertThat(owners.compareAndSet(slab, 0, owner)).as("slab %d is in two hands", slab).isTrue();
          held.add(slab);
        }
      } else if (!held.isEmpty()) {
        give(owners, owner, held.removeLast());
      }
    }
    for (int slab : held) {
      give(owners, owner, slab);
    }
  }

  private void give(AtomicIntegerArray owners, int owner, int slab) {
    assertThat(owners.compareAndSet(slab, owner, 0)).as("slab %d changed hands", slab).isTrue();
    pool.give(slab);
  }
}
