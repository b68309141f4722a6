package dev.tutti.cluster;

import dev.tutti.cluster.Question.Answers;
import dev.tutti.hub.Administration;
import dev.tutti.hub.Command;
import dev.tutti.hub.OtherServers;
import dev.tutti.security.UnavailableException;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Has the commands of administrators carried out on all other servers, and carries out theirs. Safe for any thread; no method blocks. */
final class ClusterCommands implements OtherServers {
    /** The question that has a command carried out. */
    private static final String COMMAND = "command";

    private static final long PATIENCE_NANOS = 2_000_000_000L;

    /** For commands that may have to ask an application about rights. */
    private static final long LONG_PATIENCE_NANOS = 10_000_000_000L;

    private final ServerQuestions questions;
    private final SharedRevocations revocations;
    private final MissedCommands missed;

    /** Carries out the commands of others from now on. */
    ClusterCommands(
            ServerQuestions questions,
            SharedRevocations revocations,
            MissedCommands missed,
            Administration administration) {
        this.questions = questions;
        this.revocations = revocations;
        this.missed = missed;
        questions.handle(
                COMMAND,
                command -> administration
                        .runHere(CommandFormat.decode(command))
                        .thenApply(count -> List.of(count.toString())));
    }

    @Override
    public CompletionStage<Integer> run(Command command) {
        Question question = new Question(COMMAND, CommandFormat.encode(command));
        if (command instanceof Command.Revoke revoke) {
            return questions
                    .ask(question, revocations.keeping(List.of(revoke.revocation())), PATIENCE_NANOS)
                    .whenComplete((answers, failure) -> {
                        if (failure != null) {
                            revocations.notSent();
                        }
                    })
                    .thenApply(answers -> count(command, answers));
        }
        // a server that was away takes all rights anew
        ServerQuestions.Sender sender =
                command instanceof Command.Reauthorize ? ServerQuestions.Sender.PUBLISH : missed.keeping();
        boolean mayAsk = command instanceof Command.Reauthorize || command instanceof Command.Subscribe;
        return questions
                .ask(question, sender, mayAsk ? LONG_PATIENCE_NANOS : PATIENCE_NANOS)
                .thenApply(answers -> count(command, answers));
    }

    /**
     * Reads the values of a question that has a command carried out.
     *
     * @throws FormatException if this version does not understand it
     */
    static Command decode(List<String> values) {
        if (values.isEmpty() || !values.get(0).equals(COMMAND)) {
            throw new FormatException("another question than a command");
        }
        return CommandFormat.decode(values.subList(1, values.size()));
    }

    private static int count(Command command, Answers answers) {
        int count = 0;
        for (List<String> values : answers.values()) {
            count += (int) (values.isEmpty() ? 0 : ScriptAnswers.number(values.get(0)));
        }
        boolean isDone = command instanceof Command.DisconnectClient && count > 0;
        if (answers.missing() > 0 && !isDone) {
            throw new UnavailableException(
                    answers.missing() + " of " + answers.asked() + " other servers have not confirmed it");
        }
        return count;
    }
}
