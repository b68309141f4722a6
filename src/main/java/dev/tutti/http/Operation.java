package dev.tutti.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The description of a {@link Route}, from which {@link OpenApi} is written. Immutable; each method returns an operation with one thing more.
 *
 * @param summary one line for people, with the right that the request needs
 * @param parameters of the query; all are optional
 * @param body of the request; null if it has none
 * @param answers the content of each status of success
 * @param errors besides those that every route may answer
 */
record Operation(
        String summary,
        List<Parameter> parameters,
        @Nullable Content body,
        Map<Integer, Content> answers,
        Set<ApiError> errors) {
    /** A parameter of a query. */
    record Parameter(String name, Kind kind, String description) {}

    /** The values that a parameter may have. */
    enum Kind {
        TEXT,
        WHOLE_NUMBER,
        TIME,
        BASE64URL
    }

    /**
     * The content of a request or a response.
     *
     * @param type the record that is written as a JSON object; null for bytes and for nothing
     */
    record Content(String mediaType, @Nullable Class<? extends Record> type) {
        static final Content BYTES = new Content("application/octet-stream", null);
        static final Content NOTHING = new Content("", null);

        static Content json(Class<? extends Record> type) {
            return new Content(ApiCall.JSON, type);
        }
    }

    /** Copies the collections. */
    Operation {
        parameters = List.copyOf(parameters);
        answers = Collections.unmodifiableMap(new LinkedHashMap<>(answers));
        errors =
                Collections.unmodifiableSet(errors.isEmpty() ? EnumSet.noneOf(ApiError.class) : EnumSet.copyOf(errors));
    }

    static Operation of(String summary) {
        return new Operation(summary, List.of(), null, Map.of(), Set.of());
    }

    Operation query(String name, Kind kind, String description) {
        List<Parameter> more = new ArrayList<>(parameters);
        more.add(new Parameter(name, kind, description));
        return new Operation(summary, more, body, answers, errors);
    }

    /** Adds the parameter that {@link ApiCall#limit} reads. */
    Operation limit(String results) {
        return query(
                "limit",
                Kind.WHOLE_NUMBER,
                results + ", from 1 to " + ApiCall.MAX_LIMIT + "; else " + ApiCall.DEFAULT_LIMIT);
    }

    Operation takes(Class<? extends Record> type) {
        return new Operation(summary, parameters, Content.json(type), answers, errors);
    }

    Operation takesBytes() {
        return new Operation(summary, parameters, Content.BYTES, answers, errors);
    }

    Operation answers(int status, Class<? extends Record> type) {
        return with(status, Content.json(type));
    }

    /** Answers a JSON object that no record describes. */
    Operation answersJson() {
        return with(200, new Content(ApiCall.JSON, null));
    }

    Operation answersBytes() {
        return with(200, Content.BYTES);
    }

    Operation answersNothing() {
        return with(204, Content.NOTHING);
    }

    private Operation with(int status, Content content) {
        Map<Integer, Content> more = new LinkedHashMap<>(answers);
        more.put(status, content);
        return new Operation(summary, parameters, body, more, errors);
    }

    Operation fails(ApiError... more) {
        Set<ApiError> all = EnumSet.noneOf(ApiError.class);
        all.addAll(errors);
        all.addAll(List.of(more));
        return new Operation(summary, parameters, body, answers, all);
    }
}
