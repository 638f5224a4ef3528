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

/** Of two puts that expect the same version exactly one takes effect. */
@JCStressTest
@Outcome(id = Race.SHARED, expect = ACCEPTABLE, desc = "the writers were at work together")
@Outcome(id = Race.ONE_SIDED, expect = ACCEPTABLE, desc = "one writer was always before the other")
@Outcome(id = Race.BOTH, expect = FORBIDDEN, desc = "both compared the version before either put")
@Outcome(id = Race.NONE, expect = FORBIDDEN, desc = "each met the other's version")
@Outcome(id = Race.OTHER_VALUE, expect = FORBIDDEN, desc = "a value from behind the loser's check")
@State
public class VersionCheck extends Race {
  private static final byte[] OLD_VALUE = Scene.filled(3, 50);

  @Override
  long prepare(Stage on, byte[] key) {
    return on.put(key, OLD_VALUE);
  }

  @Override
  long attempt(byte[] key, long version, byte[] value, PutSpec spec) {
    return stage.put(key, value, spec.ifVersion(version));
  }

  @Actor
  public void writer1() {
    runFirst();
  }

  @Actor
  public void writer2() {
    runSecond();
  }

  @Arbiter
  public void end(L_Result r) {
    r.r1 = verdict();
  }

  /** Each looks at the version first, and then puts whatever is there. */
  @JCStressTest
  @Outcome(id = {Race.SHARED, Race.ONE_SIDED}, expect = ACCEPTABLE, desc = "no put between the other's look and put")
  @Outcome(
      id = {Race.BOTH, Race.OTHER_VALUE},
      expect = ACCEPTABLE_INTERESTING,
      desc = "a put between the other's look and put")
  @State
  public static class Broken extends VersionCheck {
    @Override
    long attempt(byte[] key, long version, byte[] value, PutSpec spec) {
      return stage.version(key) == version ? stage.put(key, value, spec) : Store.MISMATCH;
    }

    @Override
    @Actor
    public void writer1() {
      super.writer1();
    }

    @Override
    @Actor
    public void writer2() {
      super.writer2();
    }

    @Override
    @Arbiter
    public void end(L_Result r) {
      super.end(r);
    }
  }
}
