package io.larder.engine;

/**
 * What {@link PolicySelector} keeps of a key, in 32 bits, the same for each of the four shadows: two bits for where the
 * key is there, 0 absent, otherwise 1 + its clock; and the frequency that this shadow knows, 0 to 15, four bits. One
 * epoch is enough for all: who changes a frequency halves the others too, as often as is due.
 */
final class ShadowState {
  static final int FREQUENCY_MAX = 0xF;

  private static final int FREQUENCY_BITS = 4;

  /** Of a key that every shadow has been asked for once. */
  private static final int ONES = 0x1111;

  private static final int FREQUENCIES = 0xFFFF;
  private static final int EPOCH_SHIFT = 16;
  private static final int EPOCH_MASK = 0xF;
  private static final int RESIDENCY_SHIFT = 20;
  private static final int RESIDENCY_MASK = 3;

  private ShadowState() {}

  /** Of a key that no shadow knows yet and that is asked for. */
  static int first(int epoch) {
    return ONES | ((epoch & EPOCH_MASK) << EPOCH_SHIFT);
  }

  /** With the frequencies halved once for each epoch that has passed. */
  static int aged(int state, int epoch) {
    int passed = (epoch - (state >>> EPOCH_SHIFT)) & EPOCH_MASK;
    int halved = passed < FREQUENCY_BITS ? ((state & FREQUENCIES) >>> passed) & (ONES * (FREQUENCY_MAX >>> passed)) : 0;
    return (state & ~(FREQUENCIES | (EPOCH_MASK << EPOCH_SHIFT))) | halved | ((epoch & EPOCH_MASK) << EPOCH_SHIFT);
  }

  /** After a request. */
  static int requested(int state) {
    int saturated = state & (state >>> 1) & (state >>> 2) & (state >>> 3) & ONES;
    return state + (ONES - saturated);
  }

  /** The frequency that a shadow knows, as of the state's epoch. */
  static int frequency(int state, int shadow) {
    return (state >>> (shadow * FREQUENCY_BITS)) & FREQUENCY_MAX;
  }

  /** The highest frequency that any shadow knows. */
  static int highestFrequency(int state) {
    int highest = 0;
    for (int shadow = 0; shadow < PolicyMode.count(); shadow++) {
      highest = Math.max(highest, frequency(state, shadow));
    }
    return highest;
  }

  /** When a shadow has forgotten the frequency. */
  static int forgotten(int state, int shadow) {
    return state & ~(FREQUENCY_MAX << (shadow * FREQUENCY_BITS));
  }

  /** Whether no shadow holds the key. */
  static boolean isAbsent(int state) {
    return state >>> RESIDENCY_SHIFT == 0;
  }

  static int residency(int state, int shadow) {
    return (state >>> (RESIDENCY_SHIFT + 2 * shadow)) & RESIDENCY_MASK;
  }

  static int withResidency(int state, int shadow, int residency) {
    int shift = RESIDENCY_SHIFT + 2 * shadow;
    return (state & ~(RESIDENCY_MASK << shift)) | (residency << shift);
  }
}
