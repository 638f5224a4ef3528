/**
 * What users embed: the cache, its builder, codecs, loaders and counters.
 */
@NullMarked
package io.larder;

import org.jspecify.annotations.NullMarked;
