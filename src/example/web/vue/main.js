import { HocuspocusProvider } from '@hocuspocus/provider';
import { Tutti } from 'tutti-client';
import { useConnection, useDocument, usePresence, useRoom } from 'tutti-client/vue';
import { openHocuspocus } from 'tutti-client/yjs';
import { createApp, ref, shallowRef, watchEffect } from 'vue/dist/vue.esm-bundler.js'; // with the compiler of templates

const server = 'http://localhost:8000/';
const tutti = new Tutti(new URL('connect', server));

const People = {
  props: ['name'],
  setup: props => usePresence(tutti, 'garden', () => ({ name: props.name })),
  template: `<p data-testid="people">{{ count }} here; others: {{ others.map(({ state }) => state?.name).join(', ') }}</p>`,
};

const Chat = {
  setup() {
    const text = ref('');
    const { state, messages, publish } = useRoom(tutti, 'garden', { history: 50 });
    const send = () => {
      publish({ text: text.value });
      text.value = '';
    };
    return { state, messages, text, send };
  },
  template: `
    <ol data-testid="messages" :data-state="state"><li v-for="{ offset, data } of messages" :key="offset">{{ data.text }}</li></ol>
    <form @submit.prevent="send"><input v-model="text" aria-label="Message" data-testid="message"></form>`,
};

const List = {
  setup() {
    const { doc, saved } = useDocument(name => openHocuspocus(HocuspocusProvider, server, name), 'shopping');
    const items = shallowRef([]);
    watchEffect(onCleanup => {
      const list = doc.value?.getArray('items');
      const show = () => { items.value = list.toArray(); };
      list?.observe(show);
      onCleanup(() => list?.unobserve(show));
    });
    return { saved, items, add: () => doc.value.getArray('items').push(['bread']) };
  },
  template: `
    <ul data-testid="items"><li v-for="item of items">{{ item }}</li></ul>
    <button data-testid="add" @click="add">Add bread</button>
    <p data-testid="saved">{{ saved ? 'Saved' : 'Saving …' }}</p>`,
};

const App = {
  components: { People, Chat, List },
  setup: () => ({ ...useConnection(tutti), name: ref('Vera'), isOpen: ref(true) }),
  template: `
    <main>
      <p data-testid="connection">{{ state }}</p>
      <label>Name <input v-model="name" data-testid="name"></label>
      <button data-testid="toggle" @click="isOpen = !isOpen">{{ isOpen ? 'Leave' : 'Enter' }}</button>
      <template v-if="isOpen"><People :name="name"/><Chat/><List/></template>
    </main>`,
};

createApp(App).mount('#app');
