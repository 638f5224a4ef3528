/**
 * The store: index, entries, policy and expiry over one region, whatever memory backs it.
 *
 * <p>Keys and values are bytes here; types, codecs and loaders belong to the package {@code io.larder}.
 */
@NullMarked
package io.larder.engine;

import org.jspecify.annotations.NullMarked;
