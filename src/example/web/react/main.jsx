import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Tutti } from 'tutti-client';
import { useConnection, useDocument, usePresence, useRoom } from 'tutti-client/react';
import { openYWebsocket } from 'tutti-client/yjs';
import { WebsocketProvider } from 'y-websocket';

const server = 'http://localhost:8000/';
const tutti = new Tutti(new URL('connect', server));

function App() {
  const { state } = useConnection(tutti);
  const [name, setName] = useState('Ada');
  const [isOpen, setOpen] = useState(true);
  return (
    <main>
      <p data-testid="connection">{state}</p>
      <label>Name <input data-testid="name" value={name} onChange={event => setName(event.target.value)} /></label>
      <button data-testid="toggle" onClick={() => setOpen(!isOpen)}>{isOpen ? 'Leave' : 'Enter'}</button>
      {isOpen && <><People name={name} /><Chat /><List /></>}
    </main>
  );
}

function People({ name }) {
  const { others, count } = usePresence(tutti, 'garden', { name });
  return <p data-testid="people">{count} here; others: {others.map(({ state }) => state?.name).join(', ')}</p>;
}

function Chat() {
  const { state, messages, publish } = useRoom(tutti, 'garden', { history: 50 });
  const send = event => {
    event.preventDefault();
    const [field] = event.target;
    publish({ text: field.value });
    field.value = '';
  };
  return (
    <section>
      <ol data-testid="messages" data-state={state}>{messages.map(({ offset, data }) => <li key={offset}>{data.text}</li>)}</ol>
      <form onSubmit={send}><input aria-label="Message" data-testid="message" /></form>
    </section>
  );
}

const open = name => openYWebsocket(WebsocketProvider, server, name);

function List() {
  const { doc, saved } = useDocument(open, 'shopping') ?? {};
  const [items, setItems] = useState([]);
  useEffect(() => {
    const list = doc?.getArray('items');
    const show = () => setItems(list.toArray());
    list?.observe(show);
    return () => list?.unobserve(show);
  }, [doc]);
  return (
    <section>
      <ul data-testid="items">{items.map((item, i) => <li key={i}>{item}</li>)}</ul>
      <button data-testid="add" onClick={() => doc.getArray('items').push(['milk'])}>Add milk</button>
      <p data-testid="saved">{saved ? 'Saved' : 'Saving …'}</p>
    </section>
  );
}

createRoot(document.getElementById('app')).render(<StrictMode><App /></StrictMode>);
