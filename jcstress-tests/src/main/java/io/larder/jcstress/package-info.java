/**
 * Concurrency evidence: one class per property, each beside a broken twin that shows the forbidden outcome.
 */
@NullMarked
package io.larder.jcstress;

import org.jspecify.annotations.NullMarked;
