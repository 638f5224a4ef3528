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

/** The removal of what has expired does not take what was put in its place. */
@JCStressTest
@Outcome(id = ExpiryVersusPut.KEPT, expect = ACCEPTABLE, desc = "put before the removal, or after it")
@Outcome(id = ExpiryVersusPut.TAKEN, expect = FORBIDDEN, desc = "put between the look at the expiry and the removal")
@State
public class ExpiryVersusPut {
  static final String KEPT = "kept";
  static final String TAKEN = "taken";

  private static final int KEYS = 64;
  private static final byte[] OLD = Scene.filled(1, 50);
  private static final byte[] FRESH = Scene.filled(2, 50);
  private static final Pool<Stage> STAGES = Scene.stages();

  final Stage stage = STAGES.take();
  private final byte[] room = new byte[50];

  public ExpiryVersusPut() {
    stage.clear();
    PutSpec spec = new PutSpec().expiryMillis(1);
    for (int i = 0; i < KEYS; i++) {
      stage.put(Stage.key(i), OLD, spec);
    }
    stage.setMillis(1);
  }

  @Actor
  public void writer() {
    PutSpec spec = new PutSpec();
    for (int i = 0; i < KEYS; i++) {
      stage.put(Stage.key(i), FRESH, spec);
    }
  }

  @Actor
  public void expirer() {
    stage.expire();
  }

  @Arbiter
  public void end(L_Result r) {
    r.r1 = KEPT;
    for (int i = 0; i < KEYS; i++) {
      if (stage.get(Stage.key(i), room) == Store.ABSENT || room[0] != FRESH[0]) {
        r.r1 = TAKEN;
      }
    }
    STAGES.give(stage);
  }

  /** The expirer looks at the expiry without the lock, and then removes whatever is there. */
  @JCStressTest
  @Outcome(id = ExpiryVersusPut.KEPT, expect = ACCEPTABLE, desc = "no put between look and removal")
  @Outcome(
      id = ExpiryVersusPut.TAKEN,
      expect = ACCEPTABLE_INTERESTING,
      desc = "put between the look at the expiry and the removal")
  @State
  public static class Broken extends ExpiryVersusPut {
    @Override
    @Actor
    public void writer() {
      super.writer();
    }

    @Override
    @Actor
    public void expirer() {
      for (int i = 0; i < KEYS; i++) {
        byte[] key = Stage.key(i);
        if (stage.version(key) == Store.ABSENT) {
          stage.remove(key);
        }
      }
    }

    @Override
    @Arbiter
    public void end(L_Result r) {
      super.end(r);
    }
  }
}
