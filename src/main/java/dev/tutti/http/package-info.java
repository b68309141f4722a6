/** Edge: what a servlet container needs of us: start and stop, the handshake's filter, health. */
@NullMarked
package dev.tutti.http;

import org.jspecify.annotations.NullMarked;
