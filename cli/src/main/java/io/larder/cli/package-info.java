/**
 * The {@code larder} command.
 */
@NullMarked
package io.larder.cli;

import org.jspecify.annotations.NullMarked;
