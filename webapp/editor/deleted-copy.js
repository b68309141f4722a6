import * as Y from 'yjs';
import { $ } from '../dom.js';
import { NAME_RULE } from '../names.js';
import { createDocument, incarnationOf } from './api.js';
import { deleteLocalCopy, recordedIncarnation, recordIncarnation } from './device.js';
import { documentOf, linkTo } from './names.js';

/** The close code for a window with a copy of a deleted document. */
const DELETED = 4404;

/**
 * Knows whether the copy on this device is of a deleted document. It sends the incarnation of the copy to the server, which refuses an earlier one.
 *
 * Events: `change`.
 */
export class DeletedCopy extends EventTarget {
  isDeleted = false;
  #name;
  #provider;

  constructor(name, provider) {
    super();
    this.#name = name;
    this.#provider = provider;
    const recorded = recordedIncarnation(name);
    if (recorded !== undefined) provider.params.incarnation = recorded;
    provider.on('sync', synced => {
      if (!synced) return;
      this.#become(false);
      this.#record();
    });
    provider.on('connection-close', event => event?.code === DELETED && this.#become(true));
  }

  /** The document cannot be deleted while this window has it open, so the answer is about the present document. */
  async #record() {
    const { ws, params } = this.#provider;
    if (params.incarnation !== undefined) return;
    const incarnation = await incarnationOf(this.#name);
    if (incarnation === undefined || ws !== this.#provider.ws || ws.readyState !== WebSocket.OPEN) return;
    params.incarnation = String(incarnation);
    recordIncarnation(this.#name, params.incarnation);
  }

  #become(isDeleted) {
    if (this.isDeleted === isDeleted) return;
    this.isDeleted = isDeleted;
    if (isDeleted) this.#provider.disconnect();
    this.dispatchEvent(new Event('change'));
  }
}

/** Lets the user save the copy under another name, or remove it from this device. */
export function offerDeletedCopy(name, doc) {
  const dialog = $('save-as');
  $('notice-save').onclick = () => {
    $('save-as-name').value = `${name}-copy`.slice(-128);
    $('save-as-trouble').textContent = '';
    dialog.showModal();
    $('save-as-name').select();
  };
  $('notice-discard').onclick = async () => {
    await deleteLocalCopy(name);
    location.href = 'documents.html';
  };
  $('save-as-cancel').onclick = () => dialog.close();
  $('save-as-form').onsubmit = async event => {
    event.preventDefault();
    const next = documentOf($('save-as-name').value);
    try {
      if (!next) throw new Error(NAME_RULE);
      $('save-as-confirm').disabled = true;
      await createDocument(next, Y.encodeStateAsUpdate(doc));
      await deleteLocalCopy(name);
      location.href = linkTo(next); // the page reloads when the name in its address changes
    } catch (error) {
      $('save-as-trouble').textContent = error instanceof TypeError ? 'The server cannot be reached.' : error.message;
    } finally {
      $('save-as-confirm').disabled = false;
    }
  };
}
