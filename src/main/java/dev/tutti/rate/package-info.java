/** Rates, without a clock or a thread of their own. */
@NullMarked
package dev.tutti.rate;

import org.jspecify.annotations.NullMarked;
