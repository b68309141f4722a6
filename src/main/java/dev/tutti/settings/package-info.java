/** Leaf: settings as records, each named and documented once, read from options, environment or deployment descriptor. */
@NullMarked
package dev.tutti.settings;

import org.jspecify.annotations.NullMarked;
