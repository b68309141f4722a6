/** The WAR's main class, at the WAR's root: imports the JDK alone, and starts what is packed in the WAR. */
package dev.tutti.launcher;
