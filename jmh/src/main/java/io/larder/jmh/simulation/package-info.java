/**
 * Models of eviction policies, to count their hits: no values, no memory, no threads. Keys are the numbers of a trace.
 * A simulation belongs to one thread.
 */
@NullMarked
package io.larder.jmh.simulation;

import org.jspecify.annotations.NullMarked;
