package io.larder.jcstress;

import io.larder.engine.Stage;

/**
 * What the writer of a test of two processes does in each round, and so what the reader may see. Rounds are counted
 * from 1; the count of a round is in all that is put in it.
 */
enum Play {
  /** IDX-1, ENT-1: one key comes and goes, in the block in which its last value was. */
  PUBLICATION(1, 100, true) {
    @Override
    void round(Actor writer, long count) {
      writer.put(0, count);
      writer.remove(0, count);
    }
  },

  /** IDX-1: overwrites, each in the block of the one before the last. */
  OVERWRITE(2, 100, false) {
    @Override
    void round(Actor writer, long count) {
      writer.put((int) (count % keys()), count);
    }
  },

  /** IDX-1, ENT-1: overwrites of values that lie in several blocks. */
  CHAIN(2, 4500, false) {
    @Override
    void round(Actor writer, long count) {
      writer.put((int) (count % keys()), count);
    }
  },

  /** IDX-1: keys of one bucket and one tag take turns in its slots and in their blocks. */
  BUCKET(4, 100, true) {
    @Override
    void round(Actor writer, long count) {
      writer.put((int) (count % keys()), count);
      writer.remove((int) ((count + 1) % keys()), count);
    }
  },

  /** IDX-3: overwrites while all entries move from one table to another and back. */
  GROWTH(12, 12, false) {
    @Override
    void round(Actor writer, long count) {
      writer.put((int) (count % keys()), count);
      if (count % (2L * keys()) == 0) {
        writer.grow();
      } else if (count % keys() == 0) {
        writer.shrink();
      }
    }
  };

  private final int keys;
  private final int bytesMin;
  private final boolean removes;

  Play(int keys, int bytesMin, boolean removes) {
    this.keys = keys;
    this.bytesMin = bytesMin;
    this.removes = removes;
  }

  /** The writer's hands. */
  interface Actor {
    void put(int key, long count);

    void remove(int key, long count);

    void grow();

    void shrink();
  }

  abstract void round(Actor writer, long count);

  /** How many keys there are. */
  int keys() {
    return keys;
  }

  /** The keys: of one home bucket, the last, so that they also share the buckets behind it. */
  byte[][] makeKeys() {
    return Stage.neighbours(keys, Stage.HOME_BUCKETS - 1);
  }

  /** The bytes of the value of a round; they differ from one to the next. */
  int bytes(long count) {
    return bytesMin + (int) (count % 3) * Integer.BYTES;
  }

  /** Whether a key may be missing; otherwise all are there before the reader comes. */
  boolean removes() {
    return removes;
  }
}
