/** Leaf: settings as records. Each setting has one name, one default and one description, for options, environment and deployment descriptor. */
@NullMarked
package dev.tutti.settings;

import org.jspecify.annotations.NullMarked;
