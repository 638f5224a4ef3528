package io.larder.jcstress;

/** Moments of nothing, some of them none at all, the others of up to about a microsecond. For one thread. */
public final class Stalls {
  private static final long MULTIPLIER = 0x5851F42D4C957F2DL;
  private static final int SPINS_MASK = 31;
  private static final int SPINS_SHIFT = 40;

  private long random = System.identityHashCode(this);

  /** Lets a moment pass, or none in one of two times. */
  public void stall() {
    random = random * MULTIPLIER + 1;
    if (random < 0) {
      for (int spin = (int) (random >>> SPINS_SHIFT) & SPINS_MASK; spin >= 0; spin--) {
        Thread.onSpinWait();
      }
    }
  }
}
