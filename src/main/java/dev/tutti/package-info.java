/**
 * The running application: {@link dev.tutti.Tutti} is its Java API, {@link dev.tutti.Parts} connects and stops its parts, {@link
 * dev.tutti.WebApplication} starts it in a container.
 */
@NullMarked
package dev.tutti;

import org.jspecify.annotations.NullMarked;
