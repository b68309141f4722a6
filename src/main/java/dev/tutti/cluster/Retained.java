package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.hub.Member;
import dev.tutti.hub.Members;
import dev.tutti.hub.MembersUpdate;
import dev.tutti.hub.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The answer of {@link Script#READ}. Immutable.
 *
 * @param top the position of the last publication
 * @param nowMillis the time of the answer, by the clock of Redis
 * @param change the number of the last change of members
 * @param members after that change
 * @param entries the retained publications that were asked for, in their order
 */
record Retained(Position top, long nowMillis, long change, MembersUpdate.Read members, List<Entry> entries) {
    /** The values of one entry, and of one member, in an answer. */
    private static final int VALUES = 3;

    private static final int MEMBER_VALUES = 2;

    private static final int FIRST_MEMBER = 6;

    /**
     * Reads an answer.
     *
     * @param server the id of this server, as in the members that it has put
     * @throws FormatException if this version does not understand it
     */
    static Retained decode(List<?> answer, String server) {
        int listed = (int) ScriptAnswers.number(answer.get(5));
        int firstEntry = FIRST_MEMBER + MEMBER_VALUES * listed;
        List<Entry> entries = new ArrayList<>();
        for (int i = firstEntry; i + VALUES <= answer.size(); i += VALUES) {
            long offset = ScriptAnswers.number(answer.get(i));
            long atMillis = ScriptAnswers.number(answer.get(i + 1));
            entries.add(Entry.decode(ScriptAnswers.bytes(answer.get(i + 2)), offset, atMillis));
        }
        int count = (int) ScriptAnswers.number(answer.get(4));
        return new Retained(
                new Position(ScriptAnswers.text(answer.get(0)), ScriptAnswers.number(answer.get(1))),
                ScriptAnswers.number(answer.get(2)),
                ScriptAnswers.number(answer.get(3)),
                listed == count
                        ? list(answer.subList(FIRST_MEMBER, firstEntry), server)
                        : new MembersUpdate.Read(new Members(count, null), Set.of()),
                entries);
    }

    private static MembersUpdate.Read list(List<?> values, String server) {
        List<Member> members = new ArrayList<>();
        Set<String> ofThisServer = new HashSet<>();
        for (int i = 0; i < values.size(); i += MEMBER_VALUES) {
            String client = ScriptAnswers.text(values.get(i));
            byte[] value = ScriptAnswers.bytes(values.get(i + 1));
            int end = 0;
            while (end < value.length && value[end] != '\n') {
                end++;
            }
            if (end == value.length) {
                throw new FormatException("a member without its server");
            }
            if (new String(value, 0, end, UTF_8).equals(server)) {
                ofThisServer.add(client);
            }
            members.add(MemberEntry.decode(client, Arrays.copyOfRange(value, end + 1, value.length)));
        }
        return new MembersUpdate.Read(new Members(members.size(), members), ofThisServer);
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
