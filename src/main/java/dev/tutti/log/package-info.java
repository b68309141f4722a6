/** Leaf: lines of the log. */
@NullMarked
package dev.tutti.log;

import org.jspecify.annotations.NullMarked;
