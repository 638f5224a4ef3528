package io.larder.mmap;

/** What the region in a file is for. A file says it itself, and is refused by whoever wants another kind. */
enum RegionKind {
  /** A cache, of which any number of processes have the same one. */
  SHARED(0, "a file that caches share"),
  /** The second tier of one cache: nobody else has it, and what its values mean that cache alone knows. */
  TIER(FileLayout.TIER, "the tier of one cache");

  private final long feature;
  private final String text;

  RegionKind(long feature, String text) {
    this.feature = feature;
    this.text = text;
  }

  /** The kind that {@code incompatibleFeatures} tell of. */
  static RegionKind of(long incompatibleFeatures) {
    return (incompatibleFeatures & FileLayout.TIER) == 0 ? SHARED : TIER;
  }

  /** Its bit of {@code incompatibleFeatures}, or 0. */
  long feature() {
    return feature;
  }

  /** What it is, for messages. */
  @Override
  public String toString() {
    return text;
  }
}
