package io.larder.jcstress;

import io.larder.engine.Stage;
import java.util.Arrays;

/** The state of a test with one writer and one reader on a stage that it has to itself. */
abstract class Scene extends Meeting {
  private static final int ROOM_BYTES = 8 << 10;

  private final Pool<Stage> stages;
  final Stage stage;
  final byte[] room = new byte[ROOM_BYTES];

  Scene(Pool<Stage> stages) {
    this.stages = stages;
    this.stage = stages.take();
    stage.clear();
  }

  /** Stages of the store as it is. */
  static Pool<Stage> stages() {
    return new Pool<>(() -> new Stage(Regions.make(Stage.REGION_BYTES), StallingMemory::new));
  }

  /** Stages whose eye is a {@link BlindMemory}. */
  static Pool<Stage> stagesOfBlindReaders() {
    return new Pool<>(
        () -> new Stage(Regions.make(Stage.REGION_BYTES), memory -> new BlindMemory(memory, Stage.GEOMETRY)));
  }

  /** Stages whose eye is a {@link RashMemory}. */
  static Pool<Stage> stagesOfRashReaders() {
    return new Pool<>(() -> new Stage(Regions.make(Stage.REGION_BYTES), RashMemory::new));
  }

  /** Stages that stand on a {@link LateMemory}. */
  static Pool<Stage> stagesOfLateWriters() {
    return new Pool<>(
        () -> new Stage(new LateMemory(Regions.make(Stage.REGION_BYTES), Stage.GEOMETRY), StallingMemory::new));
  }

  /** So many bytes, all the same. */
  static byte[] filled(int fill, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) fill);
    return bytes;
  }

  /** Looks at a key, every other time through the eye of the stage. */
  final int look(byte[] key) {
    return (looks() & 1) == 0 ? stage.get(key, room) : stage.getThroughEye(key, room);
  }

  /** Looks at a key as long as {@link #goesOn()} says. */
  final Witness watch(byte[] key, Generations generations) {
    Witness witness = new Witness(generations);
    while (goesOn()) {
      witness.saw(room, look(key));
    }
    return witness;
  }

  /** Gives the stage back. */
  final void leave() {
    stages.give(stage);
  }
}
