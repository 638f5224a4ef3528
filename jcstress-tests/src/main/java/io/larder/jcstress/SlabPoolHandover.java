package io.larder.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabsLayout;
import io.larder.allocator.RegionLayout;
import io.larder.allocator.SlabPool;
import io.larder.engine.Stage;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.UnaryOperator;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * ALC-1: a free slab is handed to one taker at a time, and none is lost.
 *
 * <p>Both actors take two slabs of a few and give them back in the order in which they took them, so the slab at the
 * head of the pool is soon the same as before, with another one below it: what a comparison of the head alone takes for
 * unchanged. One of them stalls before its exchanges.
 */
@JCStressTest
@Outcome(id = SlabPoolHandover.ONE_HOLDER, expect = ACCEPTABLE, desc = "each slab in one pair of hands, or in the pool")
@Outcome(id = SlabPoolHandover.TWO_HOLDERS, expect = FORBIDDEN, desc = "a slab taken that the other actor holds")
@Outcome(id = SlabPoolHandover.LOST, expect = FORBIDDEN, desc = "not all slabs are in the pool in the end")
@State
public class SlabPoolHandover {
  static final String ONE_HOLDER = "one holder";
  static final String TWO_HOLDERS = "two holders";
  static final String LOST = "lost";

  private static final int ROUNDS = 100;
  private static final int SLABS = 5;
  private static final Pool<Memory> MEMORIES = new Pool<>(() -> Regions.make(Stage.REGION_BYTES));

  private static final long HAND = Stage.GEOMETRY.partitionSlabsOffset(0) + PartitionSlabsLayout.HAND_OFFSET;

  private final Memory memory = MEMORIES.take();
  private final SlabPool swiftPool;
  private final SlabPool stallingPool;
  private final AtomicIntegerArray holders = new AtomicIntegerArray(Stage.GEOMETRY.slabCount());
  private volatile boolean heldTwice;

  public SlabPoolHandover() {
    this(UnaryOperator.identity());
  }

  SlabPoolHandover(UnaryOperator<Memory> ground) {
    swiftPool = new SlabPool(ground.apply(memory), Stage.GEOMETRY);
    stallingPool = new SlabPool(new StallingMemory(ground.apply(memory)), Stage.GEOMETRY);
    memory.putLong(RegionLayout.POOL_HEAD_OFFSET, 0);
    memory.putLong(RegionLayout.POOL_UNTOUCHED_OFFSET, Stage.GEOMETRY.slabCount());
    for (int slab = 0; slab < SLABS; slab++) {
      swiftPool.give(slab);
    }
  }

  @Actor
  public void taker1() {
    takeAndGive(swiftPool);
  }

  @Actor
  public void taker2() {
    takeAndGive(stallingPool);
  }

  private void takeAndGive(SlabPool pool) {
    for (int round = 0; round < ROUNDS; round++) {
      int one = take(pool);
      int other = take(pool);
      give(pool, one);
      give(pool, other);
    }
  }

  private int take(SlabPool pool) {
    int slab = pool.take(HAND);
    if (slab != SlabPool.NONE && holders.getAndIncrement(slab) != 0) {
      heldTwice = true;
    }
    return slab;
  }

  private void give(SlabPool pool, int slab) {
    if (slab != SlabPool.NONE) {
      holders.getAndDecrement(slab);
      pool.give(slab);
    }
  }

  @Arbiter
  public void end(L_Result r) {
    int left = 0;
    // A broken pool may hand out one slab for ever.
    for (int i = 0; i <= SLABS && take(swiftPool) != SlabPool.NONE; i++) {
      left++;
    }
    r.r1 = heldTwice ? TWO_HOLDERS : left == SLABS ? ONE_HOLDER : LOST;
    MEMORIES.give(memory);
  }

  /** The pool does not tell a head that has come back from one that has stayed. */
  @JCStressTest
  @Outcome(id = SlabPoolHandover.ONE_HOLDER, expect = ACCEPTABLE, desc = "no head came back during a take")
  @Outcome(
      id = {SlabPoolHandover.TWO_HOLDERS, SlabPoolHandover.LOST},
      expect = ACCEPTABLE_INTERESTING,
      desc = "the head came back between a taker's look and exchange")
  @State
  public static class Broken extends SlabPoolHandover {
    public Broken() {
      super(TaglessMemory::new);
    }

    @Override
    @Actor
    public void taker1() {
      super.taker1();
    }

    @Override
    @Actor
    public void taker2() {
      super.taker2();
    }

    @Override
    @Arbiter
    public void end(L_Result r) {
      super.end(r);
    }
  }
}
