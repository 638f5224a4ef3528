package io.larder.engine;

/**
 * What stands behind the memory of a store, and wants to know when the store gives it up.
 *
 * <p>Any thread may call any method.
 */
public interface RegionBacking {
  /** Private memory. */
  RegionBacking PRIVATE =
      new RegionBacking() {
        @Override
        public boolean isWhole() {
          return true;
        }

        @Override
        public void lost(String why) {
          System.getLogger(RegionBacking.class.getPackageName())
              .log(System.Logger.Level.ERROR, "a store has lost its memory: " + why);
        }
      };

  /** Whether there is something behind every byte; may make a system call. */
  boolean isWhole();

  /**
   * Called once, when the store has given its memory up for good. It is closed then: no thread touches it any more.
   *
   * @param why in a few words
   */
  void lost(String why);
}
