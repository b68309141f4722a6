import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { ConnectionView, DocumentView, MessagesView, PresenceView } from './views.js';

const useView = view => useSyncExternalStore(view.subscribe, view.snapshot, view.snapshot);

export const useConnection = tutti => useView(useMemo(() => new ConnectionView(tutti), [tutti]));

export function useRoom(tutti, name, { history, limit } = {}) {
  const view = useMemo(() => new MessagesView(tutti, name, { history, limit }), [tutti, name, history, limit]);
  return { ...useView(view), publish: view.publish };
}

export function usePresence(tutti, name, state) {
  const view = useMemo(() => new PresenceView(tutti, name), [tutti, name]);
  const snapshot = useView(view);
  const own = JSON.stringify(state); // equal objects are no change
  useEffect(() => {
    if (own !== undefined) view.setState(JSON.parse(own));
  }, [view, own]);
  return { ...snapshot, setState: view.setState };
}

export function useDocument(open, name) {
  const latest = useRef(open);
  latest.current = open; // a new function is no reason to open the document again
  return useView(useMemo(() => new DocumentView(() => latest.current(name)), [name]));
}
