/*
 * Views of a connection, a room or a document, for components. A view begins with its first listener and ends with its last one, so a hook is little
 * more than a subscription. Its snapshot is a new object after each change, and the same one until then.
 */

/** The number of messages that a list keeps by default. */
const LARGEST_LIST = 500;

/** Listeners and a snapshot. A subclass has `begin()`, which returns a function that ends the view, and `read()`. */
class View {
  #listeners = new Set();
  #snapshot;
  #end;
  #due = false;

  subscribe = listener => {
    const own = () => listener();
    this.#listeners.add(own);
    if (this.#listeners.size === 1) {
      this.#end = this.begin();
      this.#snapshot = undefined;
    }
    return () => {
      if (!this.#listeners.delete(own) || this.#listeners.size) return;
      this.#end();
      this.#snapshot = undefined;
    };
  };

  snapshot = () => this.#snapshot ??= this.read();

  /** Calls the listeners once for all changes of one frame: each frame is one task. */
  changed() {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      this.#snapshot = undefined;
      this.#listeners.forEach(listener => listener());
    });
  }
}

/** Listens until the returned function is called. */
function listen(target, listeners) {
  const ending = new AbortController();
  for (const [type, listener] of Object.entries(listeners)) target.addEventListener(type, listener, { signal: ending.signal });
  return () => ending.abort();
}

/** By connection and name: {room, holders}. */
const leases = new WeakMap();

/** Joins a room for one view. All views share the room; it is left soon after the last one, so that a component may move without a gap. */
function hold(tutti, name) {
  const rooms = leases.get(tutti) ?? new Map();
  leases.set(tutti, rooms);
  const lease = rooms.get(name)?.room.state === 'left' ? undefined : rooms.get(name);
  const held = lease ?? { room: tutti.room(name), holders: 0 };
  rooms.set(name, held);
  held.holders++;
  const release = () => {
    held.holders--;
    setTimeout(() => {
      if (held.holders || rooms.get(name) !== held) return;
      rooms.delete(name);
      held.room.leave();
    });
  };
  return { room: held.room, release };
}

/** The state of a connection: {state, reason, retryAt}. */
export class ConnectionView extends View {
  #tutti;

  constructor(tutti) {
    super();
    this.#tutti = tutti;
  }

  begin() { return listen(this.#tutti, { state: () => this.changed() }); }

  read() {
    const { state, reason, retryAt } = this.#tutti;
    return { state, reason, retryAt };
  }
}

/** A view of one room. */
class RoomView extends View {
  room;
  error;
  #tutti;
  #name;

  constructor(tutti, name) {
    super();
    this.#tutti = tutti;
    this.#name = name;
  }

  /** @param listeners those of the subclass, by event */
  join(listeners) {
    const { room, release } = hold(this.#tutti, this.#name);
    this.room = room;
    const changed = () => this.changed();
    const ends = [
      listen(room, {
        joined: () => {
          this.error = undefined;
          changed();
        },
        error: ({ error }) => {
          this.error = error;
          changed();
        },
      }),
      listen(room, listeners),
      listen(this.#tutti, { state: changed }),
      release,
    ];
    return () => {
      ends.forEach(end => end());
      this.room = undefined;
    };
  }

  get state() { return this.room?.state ?? 'joining'; }
  get client() { return this.#tutti.client; }
}

/** The latest messages of a room: {state, messages, error}. */
export class MessagesView extends RoomView {
  #history;
  #limit;
  #messages = [];
  /** This view knows that its room is joined. */
  #joined = false;
  /** The latest request for the history; answers to others are ignored. */
  #request;

  /** @param options {history: messages to load, limit: messages to keep} */
  constructor(tutti, name, { history = 0, limit = LARGEST_LIST } = {}) {
    super(tutti, name);
    this.#history = Math.min(history, limit);
    this.#limit = limit;
  }

  begin() {
    this.#joined = false;
    const end = this.join({
      joined: ({ recovered }) => this.#enter(recovered),
      message: ({ message }) => this.#show([...this.#messages, message]),
    });
    if (this.room.state === 'joined') this.#enter();
    return () => {
      this.#request = undefined;
      end();
    };
  }

  #enter(recovered) {
    if (!this.#joined || !recovered) this.#load();
    this.#joined = true;
  }

  /** Begins anew: other messages may lie between those that the list holds and the next one. */
  async #load() {
    this.#show([]);
    if (!this.#history) return;
    const request = this.#request = {};
    try {
      const { messages } = await this.room.history({ limit: this.#history });
      if (request !== this.#request) return;
      const last = messages.at(-1)?.offset ?? 0;
      this.#show([...messages, ...this.#messages.filter(({ offset }) => offset > last)]);
    } catch (error) {
      if (request !== this.#request) return;
      this.error = error;
      this.changed();
    }
  }

  #show(messages) {
    this.#messages = messages.slice(-this.#limit);
    this.changed();
  }

  read() { return { state: this.state, messages: this.#messages, error: this.error }; }

  publish = (data, options) =>
    this.room?.publish(data, options) ?? Promise.reject(new Error('The component that uses this room is not mounted.'));
}

/** The members of a room: {state, members, others, count, error}. */
export class PresenceView extends RoomView {
  /** The presence of this client; undefined leaves it as it is. */
  #own;

  begin() {
    const end = this.join({ members: () => this.changed() });
    if (this.#own !== undefined) this.room.setState(this.#own);
    return () => {
      if (this.#own !== undefined) this.room.setState(null);
      end();
    };
  }

  read() {
    const members = [...this.room?.members.values() ?? []];
    const others = members.filter(({ client }) => client !== this.client);
    return { state: this.state, members, others, count: this.room?.count ?? 0, error: this.error };
  }

  setState = state => {
    this.#own = state;
    this.room?.setState(state);
  };
}

/** An open document of yjs.js: {doc, provider, awareness, status, synced, saved, reason}; undefined until it is open. */
export class DocumentView extends View {
  #open;
  #document;

  /** @param open returns an open document */
  constructor(open) {
    super();
    this.#open = open;
  }

  begin() {
    const opened = this.#document = this.#open();
    const end = listen(opened, { change: () => this.changed() });
    return () => {
      end();
      this.#document = undefined;
      opened.destroy();
    };
  }

  read() {
    if (!this.#document) return undefined;
    const { doc, provider, awareness, status, synced, saved, reason } = this.#document;
    return { doc, provider, awareness, status, synced, saved, reason };
  }
}
