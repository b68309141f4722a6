/** Leaf: HTTP calls to addresses of the settings, for keys and policies. */
@NullMarked
package dev.tutti.remote;

import org.jspecify.annotations.NullMarked;
