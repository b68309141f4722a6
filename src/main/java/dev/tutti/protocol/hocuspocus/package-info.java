/**
 * Wire protocol: {@code /hocuspocus}, as the package {@code @hocuspocus/provider} speaks it; many documents a connection, each opened by an
 * authentication message. Normative: docs/protocol.md.
 */
@NullMarked
package dev.tutti.protocol.hocuspocus;

import org.jspecify.annotations.NullMarked;
