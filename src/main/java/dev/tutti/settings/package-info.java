/**
 * Leaf: settings as records. Each {@link dev.tutti.settings.Setting} has one name, one default and one description. {@link
 * dev.tutti.settings.SettingsReader} reads them from several {@link dev.tutti.settings.SettingSource}s: options or the deployment descriptor, the
 * environment, a file.
 */
@NullMarked
package dev.tutti.settings;

import org.jspecify.annotations.NullMarked;
