import { announce } from '../copy.js';
import { $, setText } from '../dom.js';
import { listTrash, removeFromTrash, restoreDocument } from './api.js';
import { ago, titleOf } from './listing.js';
import { sizeOf } from './size.js';

const DAY_MILLIS = 86_400_000;

/**
 * The deleted documents that this user may restore, below the list of documents.
 *
 * Events: `restore` of one.
 */
export class Trash extends EventTarget {
  #loading;

  async load() {
    this.#loading?.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    try {
      const documents = await listTrash(signal);
      if (!signal.aborted) this.#show(documents);
    } catch { /* the list of documents says that the server cannot be reached */ }
  }

  #show(documents) {
    documents.sort((a, b) => Date.parse(b.deleted) - Date.parse(a.deleted));
    $('trash').hidden = documents.length === 0 && !$('trash-trouble').textContent;
    setText($('trash-count'), String(documents.length));
    $('trash-list').replaceChildren(...documents.map(each => this.#row(each)));
  }

  #row(document) {
    const element = $('deleted').content.firstElementChild.cloneNode(true);
    const part = part => element.querySelector(part);
    const title = titleOf(document.name);
    const days = Math.max(0, Math.ceil((Date.parse(document.expires) - Date.now()) / DAY_MILLIS));
    part('strong').textContent = title;
    part('time').dateTime = document.deleted;
    part('time').title = new Date(document.deleted).toLocaleString();
    part('time').textContent = ago(Date.parse(document.deleted));
    part('.size').textContent = sizeOf(document.bytes);
    part('.expires').textContent = `kept for ${days} more day${days === 1 ? '' : 's'}`;
    part('.restore').setAttribute('aria-label', `Restore ${title}`);
    part('.restore').onclick = () => this.#change(async () => {
      await restoreDocument(document);
      announce(`Restored ${title}`);
      this.dispatchEvent(new Event('restore'));
    });
    part('.remove').setAttribute('aria-label', `Delete for ever: ${title}`);
    part('.remove').onclick = () => this.#change(async () => {
      await removeFromTrash(document);
      announce(`Deleted ${title} for ever`);
    });
    return element;
  }

  async #change(action) {
    $('trash-trouble').textContent = '';
    try {
      await action();
    } catch (error) {
      $('trash-trouble').textContent = error instanceof TypeError ? 'The server cannot be reached.' : error.message;
    }
    await this.load();
    $('filter').focus();
  }
}
