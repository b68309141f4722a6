package dev.tutti.protocol.tuttiv1;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Position;
import dev.tutti.hub.Subscription;
import dev.tutti.security.Access;
import dev.tutti.security.Authenticator;
import dev.tutti.security.ForbiddenException;
import dev.tutti.security.UnauthenticatedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Carries out the requests of one client of {@code tutti.v1}. Confined to the thread that calls its WebSocket session. */
public final class TuttiV1Session {
    private static final Logger LOG = System.getLogger(TuttiV1Session.class.getName());

    /** After so many faulty requests in a row the server closes the connection. */
    private static final int MAX_FAULTS = 10;

    private final Client client;
    private final Authenticator authenticator;
    /** Faulty requests in a row, up to now. */
    private int faults;
    /** The answers to the requests of a frame, sent together; empty between two frames. */
    private List<Frame> answers = new ArrayList<>(1);

    /** Sends the welcome. */
    public TuttiV1Session(Client client, Limits limits, Authenticator authenticator) {
        this.client = client;
        this.authenticator = authenticator;
        client.send(TuttiV1.welcome(client, limits));
    }

    /**
     * Carries out the requests of a frame in their order, each apart from the others: a refused one is answered with an error. Ignores the
     * rest of a frame when the client has ended.
     */
    public void receive(Requests requests) {
        int bytes = requests.length(); // those of the frame count with its first request
        for (Request request : requests) {
            if (client.hasEnded()) {
                break;
            }
            receive(request, bytes);
            bytes = 0;
            if (faults == MAX_FAULTS) {
                sendAnswers();
                client.closeFor(LimitBreach.BAD_REQUESTS);
            }
        }
        sendAnswers();
    }

    private void sendAnswers() {
        if (answers.size() == 1) {
            client.send(answers.get(0));
            answers.clear();
        } else if (!answers.isEmpty()) {
            client.send(Batch.of(Frame.joinLines(answers, TuttiV1.MAX_SHARED_FRAME_BYTES)));
            answers = new ArrayList<>(1); // an idle connection keeps no long array
        }
    }

    private void receive(Request request, int bytes) {
        try {
            LimitBreach breach = client.countMessage(bytes);
            if (breach != null) {
                client.count(breach);
                throw new RequestException(ErrorCode.RATE_LIMITED, breach.reason());
            }
            carryOut(request);
            faults = 0;
        } catch (LimitException e) {
            client.count(e.breach());
            refuse(request, ErrorCode.of(e.breach()), e.breach().reason());
        } catch (ForbiddenException e) {
            refuse(request, ErrorCode.FORBIDDEN, e.reason());
        } catch (UnauthenticatedException e) {
            refuse(request, ErrorCode.of(e), e.reason());
        } catch (RequestException e) {
            refuse(request, e.code(), String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a request of client " + client.id() + " about room " + request.room() + " failed", e);
            refuse(request, ErrorCode.INTERNAL, "the server failed");
        }
    }

    private void carryOut(Request request) throws RequestException {
        String id = request.id();
        if (request.room() != null && client.access().identity().isUnidentified()) {
            throw UnauthenticatedException.needsToken("a token is needed: authenticate first");
        }
        if (request instanceof Request.Publish publish) {
            publish(publish);
        } else if (request instanceof Request.State state) {
            subscription(state.room()).setState(state.state());
            if (id != null) {
                answers.add(TuttiV1.ok(id));
            }
        } else if (request instanceof Request.Join join) {
            join(join);
        } else if (request instanceof Request.Leave leave) {
            sendAnswers(); // nothing of the room follows the answer, which comes from another thread
            if (!client.leave(leave.room(), () -> TuttiV1.ok(leave.id()))) {
                throw notJoined();
            }
        } else if (request instanceof Request.Members members) {
            subscription(members.room()).members(found -> TuttiV1.members(members.id(), members.room(), found));
        } else if (request instanceof Request.History history) {
            history(history);
        } else if (request instanceof Request.Authenticate token) {
            authenticate(token);
        } else if (request instanceof Request.Ping ping) {
            answers.add(TuttiV1.ok(ping.id()));
        } else if (request instanceof Request.Bad bad) {
            throw new RequestException(bad.code(), bad.message());
        } else if (request instanceof Request.TooLarge large) {
            client.close(CloseCode.TOO_LARGE, large.message());
        }
    }

    private void authenticate(Request.Authenticate request) throws RequestException {
        Access access = authenticator.ofToken(request.token(), client.addressKey());
        sendAnswers(); // those about a room that the client must leave precede its end, which comes from another thread
        if (!client.authenticate(access)) {
            throw new RequestException(
                    ErrorCode.BAD_REQUEST, "a connection has one user, and authenticates before it joins rooms");
        }
        answers.add(TuttiV1.ok(request.id(), access.identity()));
    }

    /** Publishes, and answers when the room's log has stored the publication. */
    private void publish(Request.Publish publish) throws RequestException {
        Subscription subscription = subscription(publish.room());
        CompletionStage<Position> stored = subscription.publish(publish.data(), publish.key());
        boolean isStored = stored.toCompletableFuture().isDone();
        stored.whenComplete((position, failure) -> {
            Frame answer = answer(publish, position, failure);
            if (answer != null && isStored) {
                answers.add(answer);
            } else if (answer != null) {
                client.send(answer); // on a thread of the log
            }
        });
    }

    private static @Nullable Frame answer(Request.Publish publish, Position position, @Nullable Throwable failure) {
        String id = publish.id();
        if (failure != null) {
            LOG.log(Level.ERROR, "publishing to room " + publish.room() + " failed", failure);
            return TuttiV1.error(id, ErrorCode.INTERNAL, "the server failed", publish.room());
        }
        return id == null ? null : TuttiV1.ok(id, position);
    }

    private void join(Request.Join join) throws RequestException {
        String room = join.room();
        sendAnswers(); // errors about the room precede the answer, which comes from another thread
        if (!client.join(room, join.since(), join.state(), found -> TuttiV1.joined(join.id(), room, found))) {
            throw new RequestException(ErrorCode.BAD_REQUEST, "this client is in this room already");
        }
    }

    private void history(Request.History history) throws RequestException {
        Subscription subscription = subscription(history.room());
        if (history.since() != null) {
            subscription.since(
                    history.since(), history.limit(), page -> TuttiV1.history(history.id(), history.room(), page));
        } else if (history.before() != null) {
            subscription.before(
                    history.before(), history.limit(), page -> TuttiV1.history(history.id(), history.room(), page));
        } else {
            subscription.latest(history.limit(), page -> TuttiV1.history(history.id(), history.room(), page));
        }
    }

    private Subscription subscription(String room) throws RequestException {
        Subscription subscription = client.subscription(room);
        if (subscription == null) {
            throw notJoined();
        }
        return subscription;
    }

    private static RequestException notJoined() {
        return new RequestException(ErrorCode.NOT_JOINED, "this client is not in this room");
    }

    private void refuse(Request request, ErrorCode code, String message) {
        faults = code.isClientsFault() ? faults + 1 : 0;
        answers.add(TuttiV1.error(request.id(), code, message, request.room()));
    }
}
