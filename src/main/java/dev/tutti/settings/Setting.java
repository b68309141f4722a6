package dev.tutti.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Makes a record component a setting: {@code maxRooms} is {@code --max-rooms} and {@code TUTTI_MAX_ROOMS}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /** Returns the default, written as a user would. */
    String value();

    /** Returns what it means, with its unit, in a few words. */
    String help();

    /** Returns the smallest value of a number. */
    long min() default 0;

    /** Returns the greatest value of a number. */
    long max() default Integer.MAX_VALUE;
}
