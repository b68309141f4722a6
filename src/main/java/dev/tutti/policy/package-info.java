/**
 * Rights by an application's own decision: {@link dev.tutti.policy.PolicyPermissions} asks a {@link dev.tutti.security.AccessPolicy} of the WAR, or
 * another application over HTTP ({@link dev.tutti.policy.HttpPolicy}), and remembers the {@link dev.tutti.policy.Answers} for a short time.
 */
@NullMarked
package dev.tutti.policy;

import org.jspecify.annotations.NullMarked;
