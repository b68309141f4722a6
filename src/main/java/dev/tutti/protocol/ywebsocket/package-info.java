/**
 * Wire protocol: {@code /yjs/{document}}, as the package {@code y-websocket} speaks it; one document a connection. Normative:
 * docs/protocol.md.
 */
@NullMarked
package dev.tutti.protocol.ywebsocket;

import org.jspecify.annotations.NullMarked;
