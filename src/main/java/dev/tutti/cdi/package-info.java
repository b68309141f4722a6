/** Edge: makes Tutti injectable, and its events observable, where the container has CDI. Nothing else loads these classes. */
@NullMarked
package dev.tutti.cdi;

import org.jspecify.annotations.NullMarked;
