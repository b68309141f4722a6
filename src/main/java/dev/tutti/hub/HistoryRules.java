package dev.tutti.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The {@link HistoryRule} of each room: that of the first pattern that matches the room's name, else none. Immutable. */
public final class HistoryRules {
    private static final Pattern RULE =
            Pattern.compile("\\s*([\\p{L}\\p{M}\\p{Nd}._~:@*-]+)=(?:0|(\\d{1,7})/(\\d{1,12})/(\\d{1,9}))\\s*");

    private record Rule(Pattern names, HistoryRule history) {}

    private final String text;
    private final List<Rule> rules;

    private HistoryRules(String text, List<Rule> rules) {
        this.text = text;
        this.rules = rules;
    }

    /**
     * Returns the rules of a setting such as {@code cursors:*=0, *=300/1048576/600}: patterns, in which {@code *} matches any characters, each
     * with a count, bytes and seconds, or 0 for none.
     *
     * @throws IllegalArgumentException if the text has another form; the message names the wrong part
     */
    public static HistoryRules valueOf(String text) {
        List<Rule> rules = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher matcher = RULE.matcher(part);
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "'" + part.strip() + "' is not pattern=count/bytes/seconds or pattern=0");
            }
            rules.add(new Rule(names(matcher.group(1)), history(matcher)));
        }
        return new HistoryRules(text, List.copyOf(rules));
    }

    private static Pattern names(String pattern) {
        return Pattern.compile(
                List.of(pattern.split("\\*", -1)).stream().map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    private static HistoryRule history(Matcher matcher) {
        return matcher.group(2) == null
                ? HistoryRule.NONE
                : new HistoryRule(
                        Integer.parseInt(matcher.group(2)),
                        Long.parseLong(matcher.group(3)),
                        Integer.parseInt(matcher.group(4)));
    }

    /** Returns the rule of a room; none for {@link Hub#BROADCAST_ROOM}, whose clients cannot request history. */
    public HistoryRule of(String room) {
        if (room.equals(Hub.BROADCAST_ROOM)) {
            return HistoryRule.NONE;
        }
        for (Rule rule : rules) {
            if (rule.names.matcher(room).matches()) {
                return rule.history;
            }
        }
        return HistoryRule.NONE;
    }

    @Override
    public String toString() {
        return text;
    }
}
