/** The running application: {@link dev.tutti.Tutti} puts a hub together with its threads. */
@NullMarked
package dev.tutti;

import org.jspecify.annotations.NullMarked;
