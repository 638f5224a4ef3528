/**
 * Concurrency evidence: one class per property of the store, run on the store itself by jcstress, and nested in it a
 * broken twin: the same test with one step of a protocol taken away, which must show the outcome that the property
 * forbids. A twin that shows nothing proves that the test of its property cannot see.
 *
 * <p><b>How a test is made.</b> Each state has a small store to itself ({@code io.larder.engine.Stage}), lent by a
 * {@link io.larder.jcstress.Pool}, in private or mapped memory from {@link io.larder.jcstress.Regions}. An operation
 * of the store takes about as long as it takes the harness to bring two threads together, so the actors go through many
 * rounds, and the outcome names the worst that was seen in any of them; where nothing bad was seen, it tells whether
 * they met. Every other look of a reader is through a {@link io.larder.jcstress.StallingMemory}, in property and twin
 * alike: threads are interrupted at the worst moments too, only seldom.
 *
 * <p>What two tiers do to each other is run on two such stores and the cache's own classes ({@code
 * io.larder.TierStage}).
 *
 * <p><b>How a twin is made.</b> Where it can be, the code of the store stays as it is, and its memory lies to it:
 * {@link io.larder.jcstress.BlindMemory} takes the second look away from a reader, {@link
 * io.larder.jcstress.LateMemory} lets a writer name an entry before it is written, {@link
 * io.larder.jcstress.RashMemory} exchanges without comparing, {@link io.larder.jcstress.TaglessMemory} compares without
 * a tag. Otherwise the twin does in two steps, by the API, what the store does in one, or the tier below has a flaw.
 *
 * <p><b>Two processes.</b> The tests of this module play some of the properties between two JVMs on one mapped file,
 * with the same twins.
 *
 * <p><b>What it does not show.</b> On x86 a missing fence is seldom seen; the orderings of weaker machines rest on the
 * proofs beside the protocols.
 *
 * <p>The forbidden outcomes of a twin are graded as interesting, and its name ends in {@code Broken}: {@code .ci/run}
 * wants each of them to turn up. With {@code -strideSize 1} the actors start together on every state.
 */
@NullMarked
package io.larder.jcstress;

import org.jspecify.annotations.NullMarked;
