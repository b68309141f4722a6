package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/** Protocols for tests, easy to read. Stateless. */
enum TestProtocol implements Protocol {
    /** Encodes the data of publications, and nothing else. */
    PUBLICATIONS {
        @Override
        public @Nullable Frame encode(String room, RoomEvent event) {
            return event instanceof Publication publication ? Frame.text(publication.data()) : null;
        }

        @Override
        public boolean receivesPresence() {
            return false;
        }
    },

    /** Encodes every event. */
    ALL_EVENTS {
        @Override
        public Frame encode(String room, RoomEvent event) {
            if (event instanceof Publication publication) {
                return Frame.text(publication.offset() + " " + publication.data());
            } else if (event instanceof RoomEvent.MemberJoined joined) {
                return Frame.text("+" + joined.member().client());
            } else if (event instanceof RoomEvent.MemberLeft left) {
                return Frame.text("-" + left.member().client());
            } else if (event instanceof RoomEvent.PresenceChanged presence) {
                return Frame.text(
                        presence.member().client() + "=" + presence.member().state());
            } else if (event instanceof RoomEvent.MembersChanged changed) {
                return Frame.text("#" + changed.members().count() + " "
                        + changed.members().list());
            }
            throw new AssertionError(event);
        }

        @Override
        public boolean receivesPresence() {
            return true;
        }
    }
}
