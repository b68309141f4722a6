package dev.tutti.standalone;

import dev.tutti.AccessSettings;
import dev.tutti.AllSettings;
import dev.tutti.settings.SettingSource;
import dev.tutti.settings.Settings;
import dev.tutti.settings.SettingsReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The options of the command line: all settings, and commands. Stateless. */
final class Options {
    /** Copies the documents to its value and exits. */
    static final String COPY = "copy-documents-to";

    /** Prints a new API key with the name in its value, and exits. */
    static final String NEW_KEY = "new-api-key";

    /** Unpacks the server into its value, a new directory, and exits. */
    static final String UNPACK = "unpack";

    /** Prints the settings and exits. */
    static final String PRINT = "print-settings";

    static final String HELP = "help";
    static final String VERSION = "version";

    private Options() {}

    /** Parses the command line. */
    static CommandLine parse(String[] args) {
        List<String> names = new ArrayList<>(Settings.namesWithFiles(AllSettings.TYPES));
        names.add(COPY);
        names.add(NEW_KEY);
        names.add(UNPACK);
        return CommandLine.parse(args, names, List.of(PRINT, HELP, VERSION));
    }

    /** Returns the settings of the command line, then of the environment. */
    static SettingsReader settings(CommandLine line, Map<String, String> environment) {
        Map<String, String> options = new HashMap<>(line.given());
        options.keySet().removeAll(List.of(COPY, NEW_KEY, UNPACK, PRINT, HELP, VERSION));
        return new SettingsReader(
                List.of(SettingSource.commandLine(options), SettingSource.environment(environment)),
                AllSettings.TYPES,
                line.faults());
    }

    /** Returns a line for each setting, with its value and place. */
    static String print(SettingsReader settings) {
        return settings.print(AccessSettings.withMicroProfile(settings.lookup()), "MicroProfile Config");
    }

    static String help() {
        StringBuilder help = new StringBuilder("Usage: java -jar tutti.war [options]\n\n");
        AllSettings.TYPES.forEach(type -> help.append(Settings.help(type)));
        Map<String, String> commands = new LinkedHashMap<>();
        commands.put(COPY, "copy all documents to this directory or database, and exit");
        commands.put(NEW_KEY, "show a new API key of this name and its line for the file, and exit");
        commands.put(UNPACK, "unpack this WAR into a new directory, for a class archive, and exit");
        commands.put(PRINT, "show all settings with their values and places, check them, and exit");
        commands.put(HELP, "show this help and exit");
        commands.put(VERSION, "show the version and exit");
        commands.forEach((name, text) -> help.append(String.format("  --%-32s %s%n", name, text)));
        return help.append("\nA setting --some-name can also be an environment variable TUTTI_SOME_NAME, or a line"
                        + " some-name=value in the file of --config. The command line wins, then the environment.\n")
                .toString();
    }
}
