package io.larder.engine;

/**
 * What a reader keeps of an entry that it has read, to tell later without a lookup, {@link Store#isUnchanged}, whether
 * the entry is still there as it was. It holds offsets and numbers, no reference to memory, and keeps nothing there.
 *
 * <p>Immutable: any thread.
 *
 * <pre>
 * L0-1  What has been decoded is used only while its entry is there unchanged
 *   Shared     : shape of the partition; stamp of the bucket; whatever the table of sightings is (safely published)
 *   Threads    : writers, who know nothing of sightings, in this process and in others; any number of readers
 *   Invariant  : who uses a decoded value for a key uses the one that the key had at a moment of his call
 *   Maker      : M1 read shape, bucket's stamp and the value, IDX-1 and IDX-3: all three held at one moment, m. Not
 *                where the table is the old one of a resizing, and not of an entry with a time to idle
 *                M2 decode the value   M3 publish shape, stamp and what was decoded, together
 *   User       : U1 find it by the key   U2 acquire shape, as at m?   U3 acquire stamp, as at m?   U4 shape, as at m?
 *                U5 the time has not come to its expiry?   then the value counts; else it is looked up again from M1 on
 *   Argument   : shapes are not used twice, so U4 says that from m to U4 the table was the same, at rest or the new one
 *                of a resizing. In such a table what a key leads to changes only with the bucket's stamp, which only
 *                grows (IDX-1, IDX-2): so U3, which comes before U4, says that from m to U3 the entry was named by that
 *                bucket, and its bytes were those of M1. The value counts as of U3. It is as with a reader who began at
 *                m and is at his last look at the stamp, R4 of IDX-1
 *                A put that has returned has changed the stamp, or the shape if it was a clear: who comes after it
 *                fails at U3 or U4. Who has read a younger value, in whatever way, has met its stamp or shape, and a
 *                word that has been met is not older at the next look
 *   Why U2     : once the table is another one its slab may be anything. U3 would find something else there, or U4
 *                catch it, but in a file that has become smaller there may be no space, which a look must not ask for
 *   Looked up  : an entry with the same version has the same value, as versions are not used twice: it needs no
 *                decoding, and what was decoded is published anew with the new shape and stamp
 *   Neighbours : a write to another key of the bucket, an eviction there, and a resizing make a sighting fail that
 *                need not: a lookup more
 *   Stale read : U1 may find what is long out of date: U2 to U5 say so
 *   Killed     : a writer between W1 and W4 of IDX-1 leaves an odd stamp, which equals none
 *   Checked by : SightingTest, LiveObjectsTest, LiveObjectsHistoryTest, LiveObjectsIpcTest; jcstress
 *                SightingVersusPut, SightingVersusGrowth
 * </pre>
 */
public class Sighting {
  final long hash;
  final long version;
  final long expiryMillis;
  final long shape;
  final long bucket;
  final long stamp;
  final long entry;

  /** Of the entry that a read has just told about, if it is {@link EntryInfo#isSteady}. */
  protected Sighting(EntryInfo info) {
    if (!info.isSteady()) {
      throw new IllegalArgumentException("the entry of version=" + info.version + " is not steady");
    }
    this.hash = info.hash;
    this.version = info.version;
    this.expiryMillis = EntryLayout.expiryMillis(info.terms);
    this.shape = info.shape;
    this.bucket = info.bucket;
    this.stamp = info.stamp;
    this.entry = info.entry;
  }

  /** The version of the entry. */
  public final long version() {
    return version;
  }
}
