/**
 * The region that lives in a file: made, attached by several JVMs, and given up.
 *
 * <p><b>What it is.</b> {@link io.larder.mmap.SharedRegion} opens a file and hands out the {@link
 * io.larder.engine.Store} over it. A process on a file is an <em>attachment</em>; whether one is alive is a question to
 * the kernel, see {@link io.larder.mmap.Liveness}, which has the proof. The bytes that this package keeps in the
 * superblock are {@link io.larder.mmap.FileLayout}.
 *
 * <p><b>Tiers.</b> {@link io.larder.mmap.TierRegion} is the same for one cache alone, whose second tier the file is.
 * Its pages are brought into memory before they are accessed: {@link io.larder.mmap.Residency}, which has the proof.
 *
 * <p><b>What it is not.</b> It knows nothing of keys, entries or partitions; repairing what a dead attachment left is
 * the store's business. It starts no thread.
 *
 * <p><b>Threads.</b> Any thread may open and close. Both take the file's turn inside this JVM first, and its lock
 * between processes second; no user code runs under either but the clock of the options, once, when a file is made.
 */
@NullMarked
package io.larder.mmap;

import org.jspecify.annotations.NullMarked;
