package dev.tutti.cluster;

import dev.tutti.hub.MembersUpdate;
import java.util.ArrayList;
import java.util.List;

/** A message on the channel of a room. Immutable. */
sealed interface RoomMessage {
    /** The epoch in which it was sent. */
    String epoch();

    /** Returns its bytes in memory while it waits. */
    int bytes();

    /**
     * Publications were appended, with offsets that follow each other.
     *
     * @param entries at least one
     */
    record Appended(String epoch, List<Entry> entries) implements RoomMessage {
        @Override
        public int bytes() {
            return entries.stream()
                    .mapToInt(entry -> entry.publication().bytes())
                    .sum();
        }

        long first() {
            return entries.get(0).offset();
        }

        long last() {
            return entries.get(entries.size() - 1).offset();
        }
    }

    /** The retained publications up to an offset were deleted. */
    record Cleared(String epoch, long upTo) implements RoomMessage {
        @Override
        public int bytes() {
            return 0;
        }
    }

    /**
     * Members have changed.
     *
     * @param number one more than that of the change before, in the same epoch
     */
    record MembersChanged(String epoch, long number, MembersUpdate update) implements RoomMessage {
        private static final int OVERHEAD_BYTES = 64;

        @Override
        public int bytes() {
            int bytes = OVERHEAD_BYTES;
            if (update instanceof MembersUpdate.Changed changed) {
                for (MembersUpdate.Change change : changed.changes()) {
                    bytes += change instanceof MembersUpdate.Put put
                            ? put.member().bytes()
                            : OVERHEAD_BYTES;
                }
            }
            return bytes;
        }
    }

    /**
     * Reads a message as the scripts write it.
     *
     * @throws FormatException if this version does not understand it
     */
    static RoomMessage decode(byte[] message) {
        Fields fields = new Fields(message);
        String kind = fields.text();
        String epoch = fields.text();
        long offset = fields.number(); // or the number of a change of members
        switch (kind) {
            case "appended1" -> {
                long atMillis = fields.number();
                List<Entry> entries = new ArrayList<>();
                while (fields.hasNext()) {
                    entries.add(Entry.decode(fields.bytes(), offset++, atMillis));
                }
                if (entries.isEmpty()) {
                    throw new FormatException("a message without publications");
                }
                return new Appended(epoch, entries);
            }
            case "cleared1" -> {
                return new Cleared(epoch, offset);
            }
            case "members1" -> {
                return new MembersChanged(epoch, offset, membersUpdate(fields));
            }
            default -> throw new FormatException("a message of the kind " + kind);
        }
    }

    private static MembersUpdate membersUpdate(Fields fields) {
        int count = (int) fields.number();
        if (fields.number() == 0) {
            return new MembersUpdate.Counted(count);
        }
        List<MembersUpdate.Change> changes = new ArrayList<>();
        while (fields.hasNext()) {
            String client = fields.text();
            byte[] member = fields.bytes();
            changes.add(
                    member.length == 0
                            ? new MembersUpdate.Removed(client)
                            : new MembersUpdate.Put(MemberEntry.decode(client, member)));
        }
        return new MembersUpdate.Changed(count, changes);
    }
}
