package io.larder.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.larder.engine.PutSpec;
import io.larder.engine.Stage;
import io.larder.engine.Store;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * An invalidation wins over a load that began before it, whichever of the two comes first.
 *
 * <p>Each key is leased. The loader puts a value for the lease, the invalidator removes the key, or puts a value of its
 * own: in the end the key is absent, or has that value.
 */
@JCStressTest
@Outcome(id = LeaseInvalidation.ALL_FIRST, expect = ACCEPTABLE, desc = "each load was published, and then invalidated")
@Outcome(id = LeaseInvalidation.SOME_FIRST, expect = ACCEPTABLE, desc = "some loads were published, others refused")
@Outcome(id = LeaseInvalidation.ALL_REFUSED, expect = ACCEPTABLE, desc = "each load came after the invalidation")
@Outcome(id = LeaseInvalidation.STALE, expect = FORBIDDEN, desc = "a load was published after the invalidation")
@Outcome(id = LeaseInvalidation.LOST, expect = FORBIDDEN, desc = "the value that invalidated the lease is not there")
@State
public class LeaseInvalidation {
  static final String ALL_FIRST = "all loads first";
  static final String SOME_FIRST = "some loads first";
  static final String ALL_REFUSED = "all loads refused";
  static final String STALE = "stale load";
  static final String LOST = "lost put";

  private static final int KEYS = 64;
  private static final byte[] LOADED = Scene.filled(1, 50);
  private static final byte[] NEWER = Scene.filled(2, 50);
  private static final Pool<Stage> STAGES = Scene.stages();

  private final Stage stage = STAGES.take();
  private final long[] leases = new long[KEYS];
  private final boolean[] published = new boolean[KEYS];
  private final byte[] room = new byte[50];

  public LeaseInvalidation() {
    stage.clear();
    for (int i = 0; i < KEYS; i++) {
      leases[i] = stage.lease(Stage.key(i));
    }
  }

  @Actor
  public void loader() {
    PutSpec spec = new PutSpec();
    for (int i = 0; i < KEYS; i++) {
      published[i] = stage.put(Stage.key(i), LOADED, condition(spec, leases[i])) > 0;
    }
  }

  PutSpec condition(PutSpec spec, long lease) {
    return spec.ifVersion(lease);
  }

  @Actor
  public void invalidator() {
    PutSpec spec = new PutSpec();
    for (int i = 0; i < KEYS; i++) {
      if (isRemoved(i)) {
        stage.remove(Stage.key(i));
      } else {
        stage.put(Stage.key(i), NEWER, spec);
      }
    }
  }

  private static boolean isRemoved(int i) {
    return i % 2 == 0;
  }

  @Arbiter
  public void end(L_Result r) {
    r.r1 = verdict();
    STAGES.give(stage);
  }

  private String verdict() {
    int first = 0;
    for (int i = 0; i < KEYS; i++) {
      int value = stage.get(Stage.key(i), room) == Store.ABSENT ? 0 : room[0];
      if (value == LOADED[0]) {
        return STALE;
      }
      if (value != (isRemoved(i) ? 0 : NEWER[0])) {
        return LOST;
      }
      first += published[i] ? 1 : 0;
    }
    return first == 0 ? ALL_REFUSED : first == KEYS ? ALL_FIRST : SOME_FIRST;
  }

  /** The loader does not care for its lease: it puts what it has loaded if the key is absent. */
  @JCStressTest
  @Outcome(
      id = {LeaseInvalidation.ALL_FIRST, LeaseInvalidation.SOME_FIRST, LeaseInvalidation.ALL_REFUSED},
      expect = ACCEPTABLE,
      desc = "no removal before a load")
  @Outcome(id = LeaseInvalidation.STALE, expect = ACCEPTABLE_INTERESTING, desc = "a load published after a removal")
  @State
  public static class Broken extends LeaseInvalidation {
    @Override
    PutSpec condition(PutSpec spec, long lease) {
      return spec.ifAbsent();
    }

    @Override
    @Actor
    public void loader() {
      super.loader();
    }

    @Override
    @Actor
    public void invalidator() {
      super.invalidator();
    }

    @Override
    @Arbiter
    public void end(L_Result r) {
      super.end(r);
    }
  }
}
