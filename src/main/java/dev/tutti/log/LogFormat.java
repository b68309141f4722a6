package dev.tutti.log;

/** The form of the lines in the log of the standalone server. */
public enum LogFormat {
    /** Text for people, in the layout of the JDK. */
    TEXT,
    /** A JSON object on each line, for programs. */
    JSON
}
