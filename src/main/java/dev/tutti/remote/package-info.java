/** Leaf: HTTP calls to addresses of the settings, for keys, policies and webhooks. */
@NullMarked
package dev.tutti.remote;

import org.jspecify.annotations.NullMarked;
