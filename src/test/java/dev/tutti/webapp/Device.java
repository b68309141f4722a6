package dev.tutti.webapp;

import com.microsoft.playwright.options.ColorScheme;
import java.util.Locale;

/** A screen that shows the pages, with a color scheme. */
enum Device {
    DESKTOP_LIGHT(1280, 800, false, ColorScheme.LIGHT),
    DESKTOP_DARK(1280, 800, false, ColorScheme.DARK),
    PHONE_LIGHT(360, 740, true, ColorScheme.LIGHT),
    PHONE_DARK(360, 740, true, ColorScheme.DARK);

    /** In CSS pixels. */
    final int width;

    /** In CSS pixels. */
    final int height;

    final boolean phone;
    final ColorScheme colorScheme;

    Device(int width, int height, boolean phone, ColorScheme colorScheme) {
        this.width = width;
        this.height = height;
        this.phone = phone;
        this.colorScheme = colorScheme;
    }

    /** Returns the file name of its screenshots. */
    String fileName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-') + ".png";
    }
}
