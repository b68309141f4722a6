/**
 * What every server has to do, written once: {@link dev.tutti.conformance.ConformanceSuite} has the cases, and a test class for
 * each server runs them on a {@link dev.tutti.conformance.ServerUnderTest}, with the JDK's WebSocket client and with one of our
 * own that can misbehave.
 */
package dev.tutti.conformance;
