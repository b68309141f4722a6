package dev.tutti.cluster;

import dev.tutti.hub.Position;
import java.util.ArrayList;
import java.util.List;

/**
 * The answer of {@link Script#READ}. Immutable.
 *
 * @param top the position of the last publication
 * @param nowMillis the time of the answer, by the clock of Redis
 * @param entries the retained publications that were asked for, in their order
 */
record Retained(Position top, long nowMillis, List<Entry> entries) {
    /** The values of one entry in an answer. */
    private static final int VALUES = 3;

    private static final int FIRST_ENTRY = 3;

    /** @throws FormatException if this version does not understand it */
    static Retained decode(List<?> answer) {
        List<Entry> entries = new ArrayList<>();
        for (int i = FIRST_ENTRY; i + VALUES <= answer.size(); i += VALUES) {
            long offset = ScriptAnswers.number(answer.get(i));
            long atMillis = ScriptAnswers.number(answer.get(i + 1));
            entries.add(Entry.decode(ScriptAnswers.bytes(answer.get(i + 2)), offset, atMillis));
        }
        Position top = new Position(ScriptAnswers.text(answer.get(0)), ScriptAnswers.number(answer.get(1)));
        return new Retained(top, ScriptAnswers.number(answer.get(2)), entries);
    }

    /** Returns whether the publications from an offset up to the top are here, without a gap. */
    boolean reaches(long offset) {
        return offset > top.offset()
                || (!entries.isEmpty()
                        && entries.get(0).offset() <= offset
                        && withoutGap().size() == entries.size());
    }

    /** Returns the last publications up to the top that follow each other without a gap. */
    List<Entry> withoutGap() {
        int first = entries.size();
        for (long offset = top.offset(); first > 0 && entries.get(first - 1).offset() == offset; offset--) {
            first--;
        }
        return entries.subList(first, entries.size());
    }
}
