/**
 * Recorded requests: what a trace is, and how one is read from a file. It knows of no cache. Whoever builds a trace
 * does so in one thread; a built one may be read by any.
 */
@NullMarked
package io.larder.jmh.trace;

import org.jspecify.annotations.NullMarked;
