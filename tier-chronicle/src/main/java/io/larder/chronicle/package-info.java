/**
 * A second tier of a cache in Chronicle Map, for those who run that already; {@link
 * io.larder.chronicle.ChronicleTiers} makes it, and says what it needs. Not on any default path, and nothing else of
 * Larder depends on it. The usual second tier is {@link io.larder.CacheBuilder#file}.
 */
@NullMarked
package io.larder.chronicle;

import org.jspecify.annotations.NullMarked;
