/**
 * Leaf: lines of the log. {@link dev.tutti.log.LogSubject} names the connection, user, room and document that a line is about; the formatters write it
 * as text or JSON, and escape characters that could forge a line.
 */
@NullMarked
package dev.tutti.log;

import org.jspecify.annotations.NullMarked;
