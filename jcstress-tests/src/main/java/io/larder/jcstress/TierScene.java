package io.larder.jcstress;

import io.larder.TierStage;
import io.larder.engine.PutSpec;
import io.larder.engine.Stage;

/**
 * The state of a test with a writer whose key goes from the memory to the tier below again and again, and a reader who
 * promotes it from there.
 */
abstract class TierScene extends Meeting {
  /** The writer found a value that was over before he looked. */
  static final String STALE = "stale";

  private static final int ROOM_BYTES = 256;
  private static final int WRITER_LOOKS = 4;
  private static final byte[] KEY = Stage.key(1);
  private static final Generations VALUES = Generations.ofBytes(100);

  private final Pool<TierStage> stages;
  final TierStage stage;
  private final Witness witness = new Witness(VALUES);
  private final byte[] readerRoom = new byte[ROOM_BYTES];
  private final byte[] writerRoom = new byte[ROOM_BYTES];
  private final TierStage.Hand readerHand = new TierStage.Hand();
  private final TierStage.Hand writerHand = new TierStage.Hand();
  private boolean stale;

  TierScene(Pool<TierStage> stages) {
    this.stages = stages;
    this.stage = stages.take();
    stage.clear();
  }

  /** Stages with tiers as they are, or with a flaw. */
  static Pool<TierStage> stages(TierStage.Flaw flaw) {
    return new Pool<>(() -> new TierStage(flaw));
  }

  // ---- the writer

  /** Puts a value, and has it evicted and demoted. */
  final void putBelow(int generation, PutSpec spec) {
    stage.put(KEY, VALUES.value(generation), spec);
    pause();
    stage.evict(KEY);
    stage.demote();
    pause();
  }

  final void remove() {
    stage.remove(KEY);
  }

  /** Looks at the key for a while, of which no value before a generation must be there any more. */
  final void expectNoneBefore(int generation) {
    for (int look = 0; look < WRITER_LOOKS; look++) {
      pause();
      int length = stage.get(writerHand, KEY, writerRoom);
      stale |= length >= 0 && VALUES.generation(writerRoom, length) < generation;
    }
  }

  // ---- the reader

  /** Looks at the key as long as {@link #goesOn()} says. Whatever is on its way down is a miss. */
  final void watch() {
    while (goesOn()) {
      int length = get(readerHand, KEY, readerRoom);
      if (length >= 0) {
        witness.saw(readerRoom, length);
      }
    }
  }

  /** Reads a value, and promotes it. */
  int get(TierStage.Hand hand, byte[] key, byte[] room) {
    return stage.get(hand, key, room);
  }

  // ---- the end

  /** The verdict over both, and the end of the state. */
  final String verdict() {
    stages.give(stage);
    return stale ? STALE : witness.verdict();
  }
}
