/**
 * The conformance cases for every server: {@link dev.tutti.conformance.ConformanceSuite} has them, and a test class for each server runs
 * them on a {@link dev.tutti.conformance.ServerUnderTest}, with the JDK's WebSocket client and a raw client that can misbehave.
 */
package dev.tutti.conformance;
