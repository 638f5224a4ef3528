/**
 * Regions, slabs and size classes over {@link java.lang.foreign.MemorySegment}.
 *
 * <p>All state lives inside the region as little-endian words at offsets from its base; nothing here knows keys,
 * entries or eviction.
 */
@NullMarked
package io.larder.allocator;

import org.jspecify.annotations.NullMarked;
