package io.larder.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.larder.TierStage;
import io.larder.engine.PutSpec;
import io.larder.engine.Stage;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * TIER-1, DIS-1: what has been overwritten is not in the second tier, whether it was evicted and demoted before, behind
 * or during the put.
 *
 * <p>Each key has an old value in the memory. One thread evicts and demotes it, the other puts a newer one.
 */
@JCStressTest
@Outcome(id = PutVersusDemotion.ALL_IN_MEMORY, expect = ACCEPTABLE, desc = "each eviction came before the put")
@Outcome(id = PutVersusDemotion.SOME_BELOW, expect = ACCEPTABLE, desc = "some newer values were evicted too")
@Outcome(id = PutVersusDemotion.STALE, expect = FORBIDDEN, desc = "an old value is in the second tier behind the put")
@Outcome(id = PutVersusDemotion.NEITHER, expect = FORBIDDEN, desc = "a value that nobody has put")
@State
public class PutVersusDemotion {
  static final String ALL_IN_MEMORY = "all in memory";
  static final String SOME_BELOW = "some below";
  static final String STALE = "stale";
  static final String NEITHER = "neither";

  private static final int KEYS = 64;
  private static final byte[] OLD = Scene.filled(1, 50);
  private static final byte[] NEWER = Scene.filled(2, 50);
  private static final Pool<TierStage> STAGES = TierScene.stages(TierStage.Flaw.NONE);

  private final Pool<TierStage> stages;
  private final TierStage stage;
  private final byte[] room = new byte[50];

  public PutVersusDemotion() {
    this(STAGES);
  }

  PutVersusDemotion(Pool<TierStage> stages) {
    this.stages = stages;
    this.stage = stages.take();
    stage.clear();
    PutSpec spec = new PutSpec();
    for (int i = 0; i < KEYS; i++) {
      stage.put(Stage.key(i), OLD, spec);
    }
  }

  @Actor
  public void demoter() {
    for (int i = 0; i < KEYS; i++) {
      stage.evict(Stage.key(i));
      stage.demote();
    }
  }

  @Actor
  public void writer() {
    PutSpec spec = new PutSpec();
    for (int i = 0; i < KEYS; i++) {
      stage.put(Stage.key(i), NEWER, spec);
    }
  }

  @Arbiter
  public void end(L_Result r) {
    r.r1 = verdict();
    stages.give(stage);
  }

  private String verdict() {
    TierStage.Hand hand = new TierStage.Hand();
    String verdict = ALL_IN_MEMORY;
    for (int i = 0; i < KEYS; i++) {
      byte[] key = Stage.key(i);
      boolean isBelow = stage.getBelow(key, room) >= 0;
      if (isBelow && room[0] == OLD[0]) {
        return STALE;
      }
      if (stage.get(hand, key, room) >= 0 && room[0] != NEWER[0]) {
        return NEITHER;
      }
      verdict = isBelow ? SOME_BELOW : verdict;
    }
    return verdict;
  }

  /** The second tier puts what is demoted without asking whether it is still current. */
  @JCStressTest
  @Outcome(
      id = {PutVersusDemotion.ALL_IN_MEMORY, PutVersusDemotion.SOME_BELOW},
      expect = ACCEPTABLE,
      desc = "no put during a demotion")
  @Outcome(
      id = {PutVersusDemotion.STALE, PutVersusDemotion.NEITHER},
      expect = ACCEPTABLE_INTERESTING,
      desc = "a put before a demotion that had begun")
  @State
  public static class Broken extends PutVersusDemotion {
    private static final Pool<TierStage> FLAWED = TierScene.stages(TierStage.Flaw.NO_GUARD);

    public Broken() {
      super(FLAWED);
    }

    @Override
    @Actor
    public void demoter() {
      super.demoter();
    }

    @Override
    @Actor
    public void writer() {
      super.writer();
    }

    @Override
    @Arbiter
    public void end(L_Result r) {
      super.end(r);
    }
  }

  /** The second tier discards what it finds, and does not wait for what is about to be there: X3 of DIS-1. */
  @JCStressTest
  @Outcome(
      id = {PutVersusDemotion.ALL_IN_MEMORY, PutVersusDemotion.SOME_BELOW},
      expect = ACCEPTABLE,
      desc = "no discard between the guard and the end of a demotion")
  @Outcome(
      id = {PutVersusDemotion.STALE, PutVersusDemotion.NEITHER},
      expect = ACCEPTABLE_INTERESTING,
      desc = "a discard between the guard and the end of a demotion")
  @State
  public static class BrokenTurns extends PutVersusDemotion {
    private static final Pool<TierStage> FLAWED = TierScene.stages(TierStage.Flaw.NO_TURNS);

    public BrokenTurns() {
      super(FLAWED);
    }

    @Override
    @Actor
    public void demoter() {
      super.demoter();
    }

    @Override
    @Actor
    public void writer() {
      super.writer();
    }

    @Override
    @Arbiter
    public void end(L_Result r) {
      super.end(r);
    }
  }
}
