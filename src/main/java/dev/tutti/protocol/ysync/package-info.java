/**
 * Wire protocol: the messages of y-protocols that y-websocket and Hocuspocus share. {@link dev.tutti.protocol.ysync.YSyncReader} reads
 * them, {@link dev.tutti.protocol.ysync.YSyncProtocol} writes them. Normative: docs/protocol.md.
 */
@NullMarked
package dev.tutti.protocol.ysync;

import org.jspecify.annotations.NullMarked;
