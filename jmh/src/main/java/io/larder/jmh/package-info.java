/**
 * Performance evidence: benchmarks of Larder beside its peers in the same run.
 */
@NullMarked
package io.larder.jmh;

import org.jspecify.annotations.NullMarked;
