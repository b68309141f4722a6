package dev.tutti.policy;

import dev.tutti.settings.Setting;
import java.util.concurrent.TimeUnit;

/** The settings of rights by an application's own decision. Immutable. */
public record PolicyOptions(
        @Setting(value = "", help = "http address of another application that decides about rights")
        String accessUrl,

        @Setting(value = "2", min = 1, max = 30, help = "seconds in which an application must answer about a right")
        int accessAnswerSeconds,

        @Setting(
                value = "30",
                min = 4,
                max = 3600,
                help = "seconds after which a right that an application has taken back is lost")
        int accessCacheSeconds) {

    long answerNanos() {
        return TimeUnit.SECONDS.toNanos(accessAnswerSeconds);
    }

    long cacheNanos() {
        return TimeUnit.SECONDS.toNanos(accessCacheSeconds);
    }
}
