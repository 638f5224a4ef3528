package io.larder.jcstress;

import io.larder.engine.Sighting;
import io.larder.engine.Stage;
import org.jspecify.annotations.Nullable;

/**
 * The state of a test of L0-1: the reader keeps a value that it has read as long as it is told that the entry has not
 * changed, and looks the key up besides.
 */
abstract class SightingScene extends Scene {
  static final byte[] KEY = Stage.key(1);
  static final Generations VALUES = Generations.alike(100);

  private static final Pool<Stage> STAGES = stages();

  final Stalls stalls = new Stalls();

  SightingScene() {
    super(STAGES);
    stage.put(KEY, VALUES.value(1));
  }

  /** Reads the key's value, and what tells whether it has changed. */
  @Nullable Sighting see(byte[] into) {
    return stage.see(KEY, into);
  }

  boolean isUnchanged(Sighting sighting) {
    return stage.isUnchanged(sighting);
  }

  /** What a reader has seen who uses what he keeps whenever he may. */
  final String watchKept() {
    Witness witness = new Witness(VALUES);
    byte[] kept = new byte[VALUES.value(1).length];
    @Nullable Sighting sighting = null;
    while (goesOn()) {
      if (sighting != null && isUnchanged(sighting)) {
        witness.saw(kept, kept.length);
      } else {
        sighting = see(kept);
      }
      witness.saw(room, stage.get(KEY, room));
    }
    return witness.verdict();
  }
}
