/** Edge: what a servlet container needs of us beside WebSocket: health. */
@NullMarked
package dev.tutti.http;

import org.jspecify.annotations.NullMarked;
