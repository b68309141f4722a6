package dev.tutti.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a record component as a setting: {@code maxRooms} is the option {@code --max-rooms} and the variable {@code TUTTI_MAX_ROOMS}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /** Returns the default, as text. */
    String value();

    /** Returns a short description with the unit. */
    String help();

    /** Returns the smallest value of a number. */
    long min() default 0;

    /** Returns the greatest value of a number. */
    long max() default Integer.MAX_VALUE;

    /** Returns whether nobody but the server may read the value. Another setting, with {@code -file} at its end, can name a file that holds it. */
    boolean secret() default false;
}
