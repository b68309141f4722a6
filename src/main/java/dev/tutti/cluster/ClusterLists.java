package dev.tutti.cluster;

import dev.tutti.cluster.Question.Answers;
import dev.tutti.hub.Administration;
import dev.tutti.hub.ClientDirectory;
import dev.tutti.hub.OtherServers.Found;
import dev.tutti.hub.Page;
import dev.tutti.security.UnavailableException;
import dev.tutti.security.Way;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Asks all other servers for their connections and rooms, and answers them. Safe for any thread; no method blocks. */
final class ClusterLists {
    private static final String CLIENTS = "clients";
    private static final String ROOMS = "rooms";

    private static final long PATIENCE_NANOS = 500_000_000L;

    /** Lists that this server asks for at a time: each server may answer a message of some hundred kilobytes. */
    private static final int MAX_ASKED = 16;

    /** Items of an answer. */
    private static final int MAX_ITEMS = 1_001;

    /** UTF-16 units of an answer, after which it is cut. */
    private static final int MAX_LENGTH = 128 << 10;

    private static final String CUT = "cut";
    private static final String WHOLE = "whole";

    private final ServerQuestions questions;
    private final AtomicInteger asked = new AtomicInteger();

    /** Answers other servers from now on. */
    ClusterLists(ServerQuestions questions, Administration administration) {
        this.questions = questions;
        questions.handle(CLIENTS, arguments -> answer(arguments, administration::clientsHere, ClusterLists::fields));
        questions.handle(ROOMS, arguments -> answer(arguments, administration::roomsHere, List::of));
    }

    CompletionStage<Found<ClientDirectory.Entry>> clients(String user, String after, int max) {
        return ask(CLIENTS, user, after, max, 5, ClusterLists::entry);
    }

    CompletionStage<Found<String>> rooms(String prefix, String after, int max) {
        return ask(ROOMS, prefix, after, max, 1, fields -> fields.get(0));
    }

    private static List<String> fields(ClientDirectory.Entry entry) {
        return List.of(
                entry.client(), entry.user(), entry.way().name(), entry.address(), Integer.toString(entry.rooms()));
    }

    private static ClientDirectory.Entry entry(List<String> fields) {
        try {
            return new ClientDirectory.Entry(
                    fields.get(0), fields.get(1), Way.valueOf(fields.get(2)), fields.get(3), (int)
                            ScriptAnswers.number(fields.get(4)));
        } catch (IllegalArgumentException e) {
            throw new FormatException("a connection of an unknown way");
        }
    }

    /** A list of this server. */
    private interface Here<T> {
        CompletionStage<List<T>> list(String filter, String after, int max);
    }

    private static <T> CompletionStage<List<String>> answer(
            List<String> arguments, Here<T> here, Function<T, List<String>> fields) {
        if (arguments.size() != 3) {
            throw new FormatException("a question with " + arguments.size() + " arguments");
        }
        int max = (int) Math.max(1, Math.min(MAX_ITEMS, ScriptAnswers.number(arguments.get(2))));
        return here.list(arguments.get(0), arguments.get(1), max).thenApply(items -> encode(items, max, fields));
    }

    private static <T> List<String> encode(List<T> items, int max, Function<T, List<String>> fields) {
        List<String> encoded = new ArrayList<>();
        encoded.add(items.size() < max ? WHOLE : CUT);
        int length = 0;
        for (T item : items) {
            if (length > MAX_LENGTH) {
                encoded.set(0, CUT);
                break;
            }
            List<String> values = fields.apply(item);
            encoded.addAll(values);
            length += values.stream().mapToInt(String::length).sum();
        }
        return encoded;
    }

    /** @param width number of the fields of each item */
    private <T> CompletionStage<Found<T>> ask(
            String kind, String filter, String after, int max, int width, Function<List<String>, T> decoder) {
        if (asked.incrementAndGet() > MAX_ASKED) {
            asked.decrementAndGet();
            return CompletableFuture.failedFuture(
                    new UnavailableException("too many requests wait for the other servers: try again"));
        }
        Question question = new Question(kind, List.of(filter, after, Integer.toString(max)));
        return questions
                .ask(question, ServerQuestions.Sender.PUBLISH, PATIENCE_NANOS)
                .whenComplete((answers, failure) -> asked.decrementAndGet())
                .thenApply(answers -> decode(answers, width, decoder));
    }

    private static <T> Found<T> decode(Answers answers, int width, Function<List<String>, T> decoder) {
        List<Page.Part<T>> parts = new ArrayList<>();
        for (List<String> values : answers.values()) {
            if (values.size() % width != 1 % width || values.isEmpty()) {
                throw new FormatException("a list of " + values.size() + " values");
            }
            List<T> items = new ArrayList<>(values.size() / width);
            for (int from = 1; from < values.size(); from += width) {
                items.add(decoder.apply(values.subList(from, from + width)));
            }
            parts.add(new Page.Part<>(items, values.get(0).equals(CUT) && !items.isEmpty()));
        }
        return new Found<>(parts, answers.missing());
    }
}
