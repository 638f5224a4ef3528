/**
 * Calls into the operating system that accelerate or harden a region: huge pages, locked memory, residency.
 *
 * <p>Everything here is optional. Where the calls are absent or not permitted the cache works without them.
 */
@NullMarked
package io.larder.nativeaccess;

import org.jspecify.annotations.NullMarked;
