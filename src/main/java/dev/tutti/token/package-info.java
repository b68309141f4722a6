/**
 * Signed tokens (JSON Web Tokens, RFC 7519): {@link dev.tutti.token.Tokens} verifies them with the {@link dev.tutti.token.VerificationKeys}
 * of a {@link dev.tutti.token.KeySource}. The settings alone decide about keys and algorithms; a token never does.
 */
@NullMarked
package dev.tutti.token;

import org.jspecify.annotations.NullMarked;
