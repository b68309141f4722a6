package dev.tutti.http;

import dev.tutti.hub.Member;
import jakarta.json.JsonValue;
import org.jspecify.annotations.Nullable;

/** A {@link Member} in a body; {@code state} is null if it shows none. */
record MemberJson(
        String client,
        String user,
        @OptionalMember @Nullable JsonValue state) {
    static MemberJson of(Member member) {
        return new MemberJson(
                member.client(), member.user(), member.state() == null ? null : RecordJson.value(member.state()));
    }
}
