/** Edge: who may connect. */
@NullMarked
package dev.tutti.security;

import org.jspecify.annotations.NullMarked;
