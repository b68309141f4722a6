package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/** Protocols for tests, easy to read. Stateless. */
enum TestProtocol implements Protocol {
    /** Tells what is said, and nothing else. */
    SAYING {
        @Override
        public @Nullable Frame encode(String room, RoomEvent notice) {
            return notice instanceof Publication publication ? Frame.text(publication.data()) : null;
        }

        @Override
        public boolean receivesPresence() {
            return false;
        }
    },

    /** Tells everything. */
    TELLING {
        @Override
        public Frame encode(String room, RoomEvent notice) {
            if (notice instanceof Publication publication) {
                return Frame.text(publication.offset() + " " + publication.data());
            } else if (notice instanceof RoomEvent.MemberJoined entered) {
                return Frame.text("+" + entered.member().client());
            } else if (notice instanceof RoomEvent.MemberLeft left) {
                return Frame.text("-" + left.member().client());
            } else if (notice instanceof RoomEvent.PresenceChanged presence) {
                return Frame.text(
                        presence.member().client() + "=" + presence.member().state());
            } else if (notice instanceof RoomEvent.MembersChanged crowd) {
                return Frame.text(
                        "#" + crowd.members().count() + " " + crowd.members().list());
            }
            throw new AssertionError(notice);
        }

        @Override
        public boolean receivesPresence() {
            return true;
        }
    }
}
