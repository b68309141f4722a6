import * as Y from 'yjs';
import { ago } from './listing.js';
import { changeTo, lettersOf } from './text-change.js';
import { contentOf, listVersions, makeVersion, removeVersion } from './versions-api.js';
import './versions.css';

const DIALOG = `
<div class="all">
  <h2 id="versions-title">Versions</h2>
  <form>
    <label for="version-title">Title of a new version (optional)</label>
    <div class="row">
      <input id="version-title" maxlength="100" autocomplete="off" enterkeyhint="done" dir="auto" data-testid="version-title">
      <button type="submit" class="primary" data-testid="version-make">Keep this version</button>
    </div>
  </form>
  <p class="of" role="status" data-testid="version-status"></p>
  <ol data-testid="versions-list"></ol>
</div>
<div class="one" hidden>
  <h2 tabindex="-1" dir="auto" data-testid="version-name"></h2>
  <p class="of"></p>
  <pre tabindex="0" dir="auto" aria-label="Text of the version" data-testid="version-text"></pre>
</div>
<p class="trouble" role="alert" data-testid="version-trouble"></p>
<div class="buttons">
  <button type="button" class="quiet back">All versions</button>
  <button type="button" class="quiet remove" data-testid="version-remove">Remove</button>
  <button type="button" class="quiet close">Close</button>
  <button type="button" class="primary restore" data-testid="version-restore">Restore</button>
</div>`;

const list = new Intl.ListFormat('en');

/** Returns a text with the names of all writers since the previous version; empty if the version has no writers. */
function writersOf({ users, guests }) {
  const all = [...users, ...(guests ? ['guests'] : [])];
  return all.length ? `by ${list.format(all)}` : '';
}

const nameOf = ({ title, made }) => title || new Date(made).toLocaleString();

/** The dialog that lists the versions of a document, keeps the present one, and shows and restores an earlier one. */
class Versions {
  #name;
  #text;
  #undoManager;
  #may;
  #dialog = Object.assign(document.createElement('dialog'), { id: 'versions', innerHTML: DIALOG });
  /** The version that is shown, and its text; undefined while the list is shown. */
  #shown;

  constructor({ name, text, undoManager, may }) {
    this.#name = name;
    this.#text = text;
    this.#undoManager = undoManager;
    this.#may = may;
    this.#dialog.setAttribute('aria-labelledby', 'versions-title');
    this.#dialog.dataset.testid = 'versions';
    document.body.append(this.#dialog);
    this.#part('form').onsubmit = event => {
      event.preventDefault();
      this.#try(() => this.#make());
    };
    this.#part('.close').onclick = () => this.#dialog.close();
    this.#part('.back').onclick = () => this.#try(() => this.#list());
    this.#part('.restore').onclick = () => this.#restore();
    this.#part('.remove').onclick = () => this.#try(() => this.#remove());
  }

  open() {
    this.#show(undefined);
    this.#part('ol').replaceChildren();
    this.#dialog.showModal();
    this.#try(() => this.#list());
  }

  #part(selector) { return this.#dialog.querySelector(selector); }

  /** Runs an action of the user, and shows why it failed. */
  async #try(action) {
    this.#part('.trouble').textContent = '';
    this.#dialog.setAttribute('aria-busy', 'true');
    try {
      await action();
    } catch (error) {
      this.#part('.trouble').textContent = error instanceof TypeError ? 'The server cannot be reached.' : error.message;
    } finally {
      this.#dialog.removeAttribute('aria-busy');
    }
  }

  /** Shows a version, or the list. */
  #show(shown) {
    this.#shown = shown;
    const canWrite = this.#may().includes('write');
    this.#part('.all').hidden = Boolean(shown);
    this.#part('.one').hidden = this.#part('.back').hidden = !shown;
    this.#part('form').hidden = !canWrite;
    this.#part('.restore').hidden = !shown || !canWrite;
    this.#part('.remove').hidden = !shown || !this.#may().includes('manage');
  }

  async #list() {
    const versions = await listVersions(this.#name);
    const last = this.#shown?.version.id;
    this.#show(undefined);
    this.#part('[role=status]').textContent = versions.length ? '' : 'No version yet. The server keeps one after each quarter of an hour of work.';
    this.#part('ol').replaceChildren(...versions.map(version => this.#row(version)));
    if (last) (this.#part(`[data-id="${last}"]`) ?? this.#part('.close')).focus();
  }

  #row(version) {
    const row = document.createElement('li');
    const button = Object.assign(document.createElement('button'), { type: 'button' });
    const title = Object.assign(document.createElement('strong'), { textContent: nameOf(version), dir: 'auto' });
    const about = document.createElement('span');
    about.textContent = [ago(Date.parse(version.made)), version.automatic ? 'automatic' : '', writersOf(version)].filter(Boolean).join(' · ');
    about.title = new Date(version.made).toLocaleString();
    button.dataset.id = version.id;
    button.onclick = () => this.#try(() => this.#look(version));
    button.append(title, about);
    row.append(button);
    row.dataset.testid = 'version';
    return row;
  }

  async #make() {
    const field = this.#part('input');
    await makeVersion(this.#name, field.value);
    field.value = '';
    await this.#list();
    this.#part('[role=status]').textContent = 'The version is kept.';
  }

  async #look(version) {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, await contentOf(this.#name, version));
    const letters = lettersOf(doc.getText('text'));
    doc.destroy();
    this.#show({ version, letters });
    this.#part('.one h2').textContent = nameOf(version);
    this.#part('.one .of').textContent = [new Date(version.made).toLocaleString(), writersOf(version)].filter(Boolean).join(' · ');
    this.#part('pre').textContent = letters;
    this.#part('.one h2').focus();
  }

  /** Everybody receives the earlier text as a change, which Undo takes back in one step. */
  #restore() {
    this.#undoManager.stopCapturing();
    changeTo(this.#text, this.#shown.letters);
    this.#undoManager.stopCapturing();
    this.#dialog.close();
  }

  async #remove() {
    await removeVersion(this.#name, this.#shown.version);
    await this.#list();
  }
}

let versions;

/** Opens the dialog for the page's document. */
export function showVersions(page) {
  versions ??= new Versions(page);
  versions.open();
}
