/** What the build of Tutti itself runs. Imports the JDK alone, and is in no artifact. */
@NullMarked
package dev.tutti.build;

import org.jspecify.annotations.NullMarked;
