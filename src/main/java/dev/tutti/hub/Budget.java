package dev.tutti.hub;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * The memory that all peers together can make the server keep, in bytes, split into {@link Share}s. Safe for any thread; no method blocks.
 *
 * <p>Code that keeps bytes for a peer reserves them first and releases them later. A peer whose reservation is refused is closed with 1013
 * or answered with 503; nobody else notices. A share {@link #isUnderPressure under pressure} still grants reservations: its owner evicts the
 * largest and slowest holders until there is room again.
 */
public final class Budget {
    /** The purpose of bytes, and its percentage of the budget. */
    public enum Share {
        /** Unfinished frames and messages, and received messages that wait in a mailbox. */
        INPUT(20),
        /** Batches that wait for slow clients, and replies. */
        OUTPUT(25),
        /** Documents in memory: live, loading, or kept by the memory store. */
        DOCUMENTS(35),
        /** Updates that are not stored yet, and their acknowledgements. */
        RECEIPTS(10),
        /** Publications that rooms retain. */
        HISTORY(10);

        private final int percent;

        Share(int percent) {
            this.percent = percent;
        }

        /** Returns the share's name on the wire and in metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Percentage of a share's limit from which it is under pressure. */
    private static final int PRESSURE_PERCENT = 75;

    /** One address, and one user, may hold 1 / this of a share. */
    private static final int HOLDER_DIVISOR = 2;

    /** A holder of at most so many bytes of a share may also use its reserve. */
    public static final long SMALL_HOLDER_BYTES = 64 << 10;

    /** The reserve of a share: 1 / this of its limit, on top of it. It keeps clients going while a few others fill the share. */
    private static final int RESERVE_DIVISOR = 4;

    private static final class Account {
        private final long limitBytes;
        private final AtomicLong usedBytes = new AtomicLong();
        private final LongAdder breaches = new LongAdder();

        Account(long limitBytes) {
            this.limitBytes = limitBytes;
        }

        boolean tryReserve(long bytes, long limit) {
            if (usedBytes.addAndGet(bytes) <= limit) {
                return true;
            }
            usedBytes.addAndGet(-bytes);
            breaches.increment();
            return false;
        }

        /** Returns the limit for a holder that would hold so many bytes. */
        long limitFor(long holdsBytes) {
            return holdsBytes <= SMALL_HOLDER_BYTES ? limitBytes + limitBytes / RESERVE_DIVISOR : limitBytes;
        }
    }

    private final Map<Share, Account> accounts = new EnumMap<>(Share.class);
    /** The address and the user of some connections; each empty if it is unknown or has no limit. */
    private record Owner(String address, String user) {}

    private final ConcurrentMap<Owner, Quota> quotas = new ConcurrentHashMap<>();
    private final ReferenceCountedMap<Holder> addresses = new ReferenceCountedMap<>();
    private final ReferenceCountedMap<Holder> users = new ReferenceCountedMap<>();
    /** Of all guests with an unknown address; without a limit of its own. */
    private final Quota unknown = new Quota(new Owner("", ""));

    /** Makes a budget of {@code totalBytes}, all of them free. */
    public Budget(long totalBytes) {
        for (Share share : Share.values()) {
            accounts.put(share, new Account(totalBytes / 100 * share.percent));
        }
    }

    /** Returns a budget of {@link Limits#memoryBudget} bytes, or half of the heap if that is 0. */
    public static Budget of(Limits limits) {
        long bytes = limits.memoryBudget();
        return new Budget(bytes == 0 ? Runtime.getRuntime().maxMemory() / 2 : bytes);
    }

    /** Reserves bytes of a share; false, and counted as a breach, if it has too few left. */
    public boolean tryReserve(Share share, long bytes) {
        Account account = account(share);
        return account.tryReserve(bytes, account.limitBytes);
    }

    /** As above, for a holder of {@code heldBytes}: if it stays {@link #SMALL_HOLDER_BYTES small}, it may also use the reserve. */
    public boolean tryReserve(Share share, long bytes, long heldBytes) {
        Account account = account(share);
        return account.tryReserve(bytes, account.limitFor(heldBytes + bytes));
    }

    /** Reserves bytes that are in use already, even if the share has too few left. */
    public void reserve(Share share, long bytes) {
        account(share).usedBytes.addAndGet(bytes);
    }

    /** Gives back reserved bytes. */
    public void release(Share share, long bytes) {
        account(share).usedBytes.addAndGet(-bytes);
    }

    /** Returns whether a share has {@code bytes} left. Other threads may take them before a reservation. */
    public boolean hasRoom(Share share, long bytes) {
        Account account = account(share);
        return account.usedBytes.get() + bytes <= account.limitBytes;
    }

    /** As above, for a holder of {@code heldBytes}: if it stays {@link #SMALL_HOLDER_BYTES small}, it may also use the reserve. */
    public boolean hasRoom(Share share, long bytes, long heldBytes) {
        Account account = account(share);
        return account.usedBytes.get() + bytes <= account.limitFor(heldBytes + bytes);
    }

    /** Returns whether the owner of a share should evict some of its holders. */
    public boolean isUnderPressure(Share share) {
        Account account = account(share);
        return account.usedBytes.get() > account.limitBytes / 100 * PRESSURE_PERCENT;
    }

    /** Returns the reserved bytes of a share. */
    public long usedBytes(Share share) {
        return account(share).usedBytes.get();
    }

    /** Returns the limit of a share in bytes. */
    public long limitBytes(Share share) {
        return account(share).limitBytes;
    }

    /** Returns the number of refused reservations of a share. */
    public long breaches(Share share) {
        return account(share).breaches.sum();
    }

    /**
     * Returns the quota of a peer's address; its {@link Quota#close} must follow.
     *
     * @param address empty if it is unknown or counted elsewhere: such peers have no quota of their own
     */
    public Quota quota(String address) {
        return quota(address, "");
    }

    /**
     * Returns the quota of a user's connections from an address: their bytes count for both. Its {@link Quota#close} must follow.
     *
     * @param user name of the account; empty for guests
     */
    public Quota quota(String address, String user) {
        if (address.isEmpty() && user.isEmpty()) {
            return unknown;
        }
        return quotas.compute(new Owner(address, user), (key, present) -> {
            Quota quota = present == null ? new Quota(key) : present;
            quota.references++;
            return quota;
        });
    }

    private Account account(Share share) {
        Account account = accounts.get(share);
        if (account == null) {
            throw new AssertionError("every share has its account");
        }
        return account;
    }

    /** The bytes of each share that one address, or one user, holds. Safe for any thread. */
    private static final class Holder {
        private final Map<Share, AtomicLong> usedBytes = new EnumMap<>(Share.class);

        Holder() {
            for (Share share : Share.values()) {
                usedBytes.put(share, new AtomicLong());
            }
        }

        AtomicLong used(Share share) {
            AtomicLong used = usedBytes.get(share);
            if (used == null) {
                throw new AssertionError("every share is counted");
            }
            return used;
        }
    }

    /**
     * The part of each share that the connections of one address, and those of one user, hold together: each at most a half, so that neither
     * can stop all others. Safe for any thread.
     */
    public final class Quota implements AutoCloseable {
        private final Owner owner;
        /** Of the address and of the user, as far as there are. */
        private final Holder[] holders;
        /** Connections and others that use this; guarded by the map's bin. */
        private int references;

        private Quota(Owner owner) {
            this.owner = owner;
            this.holders = Stream.of(acquire(addresses, owner.address()), acquire(users, owner.user()))
                    .flatMap(Optional::stream)
                    .toArray(Holder[]::new);
        }

        private static Optional<Holder> acquire(ReferenceCountedMap<Holder> of, String name) {
            return name.isEmpty() ? Optional.empty() : Optional.of(of.acquire(name, key -> new Holder()));
        }

        /** Reserves bytes of a share; false, and counted as a breach, if the address, the user or the share has too few left. */
        public boolean tryReserve(Share share, long bytes) {
            Account account = account(share);
            add(share, bytes);
            for (Holder holder : holders) {
                if (holder.used(share).get() > account.limitBytes / HOLDER_DIVISOR) {
                    add(share, -bytes);
                    account.breaches.increment();
                    return false;
                }
            }
            if (account.tryReserve(bytes, account.limitBytes)) {
                return true;
            }
            add(share, -bytes);
            return false;
        }

        /** Gives back reserved bytes. */
        public void release(Share share, long bytes) {
            add(share, -bytes);
            Budget.this.release(share, bytes);
        }

        private void add(Share share, long bytes) {
            for (Holder holder : holders) {
                holder.used(share).addAndGet(bytes);
            }
        }

        /** Returns the bytes of a share that this address and user may still reserve. Other threads may take them before a reservation. */
        public long roomBytes(Share share) {
            Account account = account(share);
            long room = account.limitBytes - account.usedBytes.get();
            for (Holder holder : holders) {
                room = Math.min(
                        room,
                        account.limitBytes / HOLDER_DIVISOR - holder.used(share).get());
            }
            return room;
        }

        /** Returns this quota for one more user, which holds bytes for longer than a connection; its {@link #close} must follow. */
        public Quota retain() {
            return quota(owner.address(), owner.user());
        }

        /** Returns the bytes of a share that the address holds, or the user; the greater number. */
        public long usedBytes(Share share) {
            long most = 0;
            for (Holder holder : holders) {
                most = Math.max(most, holder.used(share).get());
            }
            return most;
        }

        /** Ends the use by one connection, which has released all that it had reserved. */
        @Override
        public void close() {
            quotas.computeIfPresent(owner, (key, present) -> {
                if (--present.references > 0) {
                    return present;
                }
                release(addresses, key.address());
                release(users, key.user());
                return null;
            });
        }

        private static void release(ReferenceCountedMap<Holder> of, String name) {
            Holder holder = of.get(name);
            if (holder != null) {
                of.release(name, holder, 1);
                of.removeIdle(name, holder, idle -> true);
            }
        }
    }
}
