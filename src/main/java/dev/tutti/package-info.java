/** The running application: {@link dev.tutti.Tutti} puts a hub together with its threads, {@link
 * dev.tutti.WebApplication} starts it in a container. */
@NullMarked
package dev.tutti;

import org.jspecify.annotations.NullMarked;
