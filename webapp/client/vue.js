import { computed, getCurrentInstance, onMounted, onScopeDispose, shallowRef, toValue, watch } from 'vue';
import { ConnectionView, DocumentView, MessagesView, PresenceView } from './views.js';

/** A server that renders pages mounts no component, and so opens nothing. */
const whenMounted = begin => (getCurrentInstance() ? onMounted(begin) : begin());

/** Returns refs of the view and of its snapshot. */
function useView(source, create) {
  const view = shallowRef(create(toValue(source)));
  const snapshot = shallowRef(view.value.snapshot());
  const show = () => { snapshot.value = view.value.snapshot(); };
  let end;
  const begin = () => {
    end = view.value.subscribe(show);
    show();
  };
  const change = value => {
    end();
    view.value = create(value);
    begin();
  };
  whenMounted(() => {
    begin();
    watch(() => toValue(source), change);
  });
  onScopeDispose(() => end?.());
  return { view, snapshot };
}

/** Returns a ref for each field of the snapshots. */
const refs = (snapshot, names) => Object.fromEntries(names.map(name => [name, computed(() => snapshot.value?.[name])]));

export const useConnection = tutti =>
  refs(useView(tutti, () => new ConnectionView(tutti)).snapshot, ['state', 'reason', 'retryAt']);

export function useRoom(tutti, name, options) {
  const { view, snapshot } = useView(name, each => new MessagesView(tutti, each, options));
  return { ...refs(snapshot, ['state', 'messages', 'error']), publish: (...data) => view.value.publish(...data) };
}

export function usePresence(tutti, name, state) {
  const { view, snapshot } = useView(name, each => new PresenceView(tutti, each));
  const setState = own => view.value.setState(own);
  whenMounted(() => watch([view, () => JSON.stringify(toValue(state))], ([, own]) => own && setState(JSON.parse(own)), { immediate: true }));
  return { ...refs(snapshot, ['state', 'members', 'others', 'count', 'error']), setState };
}

export function useDocument(open, name) {
  const { snapshot } = useView(name, each => new DocumentView(() => open(each)));
  return refs(snapshot, ['doc', 'provider', 'awareness', 'status', 'synced', 'saved', 'reason']);
}
