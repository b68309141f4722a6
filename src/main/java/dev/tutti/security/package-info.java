/**
 * The identity behind a connection, and its rights: {@link dev.tutti.security.Gate} admits a peer as an {@link
 * dev.tutti.security.Identity} at the handshake, {@link dev.tutti.security.Permissions} decides about rooms and documents.
 */
@NullMarked
package dev.tutti.security;

import org.jspecify.annotations.NullMarked;
