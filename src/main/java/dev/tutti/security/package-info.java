/**
 * The identity behind a connection, and its rights: {@link dev.tutti.security.Origins} decides which pages may connect, {@link
 * dev.tutti.security.Identity} is captured at the handshake, {@link dev.tutti.security.Permissions} decides about rooms and documents.
 */
@NullMarked
package dev.tutti.security;

import org.jspecify.annotations.NullMarked;
