/** The WAR's main class, at the root of the WAR. It depends on the JDK alone, and starts the server from the jars inside. */
package dev.tutti.launcher;
