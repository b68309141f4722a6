import * as Y from 'yjs';
import { WebsocketProvider } from 'y-websocket';
import { showAccount, subprotocols } from '../account.js';
import { announce, copyLink } from '../copy.js';
import { $ } from '../dom.js';
import { DeletedCopy, offerDeletedCopy } from './deleted-copy.js';
import { recordOpened } from './device.js';
import { LocalCopy } from './local-copy.js';
import { documentOf, newDocument, roomOfBoard } from './names.js';
import { watchOtherEditor } from './other-editor.js';
import { Participants } from './participants.js';
import { watchRights } from './rights.js';
import { Saving } from './saving.js';
import { toggle } from './format.js';
import { Status } from './status.js';
import { createEditor } from './text-editor.js';
import { showToolbar, toolbar } from './toolbar.js';

/*
 * One document. Yjs merges the changes of all editors. The provider exchanges them with the server, and with other windows of this
 * browser when there is no server.
 */

const PREVIEW_PAUSE_MILLIS = 120;

const name = documentOf(location.hash);
if (name) open(name);
else if (/^#?$/.test(location.hash)) location.replace(`#${newDocument()}`);
else refuse(location.hash);
addEventListener('hashchange', () => location.reload());

function open(name) {
  $('document-name').textContent = name;
  document.title = `${name} · Tutti`;
  if (!roomOfBoard(name)) recordOpened(name);

  const doc = new Y.Doc();
  const text = doc.getText('text');
  const undoManager = new Y.UndoManager(text);
  const localCopy = new LocalCopy(name, doc);
  const provider = new WebsocketProvider(String(new URL('yjs', document.baseURI)).replace(/^http/, 'ws'), name, doc, { protocols: subprotocols('yjs') });
  const participants = new Participants(provider.awareness);
  const { view, invite, setReadOnly } = createEditor($('text'), text, { awareness: provider.awareness, participants, undoManager, label: `Text of ${name}` });
  addEventListener('keydown', event => {
    if (event.key !== 's' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault(); // changes are saved at once; the browser would save the page
    announce($('saved-label').textContent || $('state-label').textContent);
  });
  provider.on('sync', () => {
    const isBoard = roomOfBoard(name) && !text.length && doc.getArray('items').length;
    if (isBoard) location.replace(`room.html#${roomOfBoard(name)}`);
  });
  const lookForOtherEditor = watchOtherEditor(doc, text, update => download(`${fileOf(name)}.yjs`, update, 'application/octet-stream'));
  provider.on('sync', lookForOtherEditor);
  localCopy.addEventListener('load', lookForOtherEditor);
  const saving = new Saving(provider, doc);
  const deletedCopy = new DeletedCopy(name, provider);
  const status = new Status(name, provider, saving, localCopy, deletedCopy);
  offerDeletedCopy(name, doc);
  let may = [];
  watchRights(name, provider, saving, (user, readOnly) => {
    may = user.may;
    showAccount(user);
    status.showRights(user);
    setReadOnly(readOnly);
    showToolbar(readOnly);
    invite(readOnly ? 'This document is empty.' : 'Start writing. Anyone who may write here can edit.');
  }, () => !deletedCopy.isDeleted);
  undoButtons(undoManager, view);
  toolbar(view, undoManager);
  preview(text, view);
  copyLink($('copy-link'));
  for (const id of ['download', 'notice-download']) $(id).onclick = () => download(`${fileOf(name)}.md`, text.toString(), 'text/markdown;charset=utf-8');
  $('export').onclick = () => exportHtml(name, text);
  $('print').onclick = () => print();
  $('versions-open').onclick = () => openVersions({ name, text, undoManager, may: () => may });
  views(view);
  if (matchMedia('(pointer: fine)').matches) view.focus();
}

/** Shows that a link names no document, instead of another document. */
function refuse(hash) {
  document.body.dataset.view = 'none';
  $('invalid').hidden = false;
  $('document-name').textContent = 'No document';
  $('invalid-name').textContent = hash.slice(1, 129);
}

/** A narrow screen shows either the text or the preview. */
function views(view) {
  for (const each of ['write', 'read']) {
    $(`view-${each}`).onclick = () => {
      document.body.dataset.view = each;
      for (const other of ['write', 'read']) $(`view-${other}`).setAttribute('aria-pressed', other === each);
      if (each === 'write') view.requestMeasure();
    };
  }
}

/** Undoes only changes of this window. */
function undoButtons(undoManager, view) {
  const show = () => {
    $('undo').disabled = !undoManager.canUndo();
    $('redo').disabled = !undoManager.canRedo();
  };
  for (const event of ['stack-item-added', 'stack-item-popped', 'stack-cleared']) undoManager.on(event, show);
  for (const what of ['undo', 'redo']) {
    $(what).onclick = () => {
      undoManager[what]();
      show();
      if ($(what).disabled) view.focus(); // a disabled button loses the focus
    };
  }
  show();
}

/** Loads the code of the preview on its own, so that the editor starts sooner. */
async function preview(text, view) {
  const { render, followAnchors, followBoxes } = await import('./preview.js');
  const page = $('page');
  let waiting;
  let pause = PREVIEW_PAUSE_MILLIS;
  const show = () => {
    waiting = undefined;
    const start = performance.now();
    const words = text.toString();
    $('nothing').hidden = words.trim() !== '';
    render(words, page);
    pause = Math.max(PREVIEW_PAUSE_MILLIS, 5 * (performance.now() - start)); // typing comes first
  };
  text.observe(() => { waiting ??= setTimeout(show, pause); });
  followAnchors(page);
  followBoxes(page, (line, isTicked) => toggle(view, line, isTicked));
  show();
}

async function openVersions(page) {
  try {
    const { showVersions } = await import('./versions.js');
    showVersions(page);
  } catch {
    announce('The versions could not be loaded.');
  }
}

async function exportHtml(name, text) {
  try {
    const { toHtml } = await import('./export-html.js');
    download(`${fileOf(name)}.html`, toHtml(name, text.toString()), 'text/html;charset=utf-8');
  } catch {
    announce('The export could not be loaded.');
  }
}

const fileOf = name => name.replaceAll(':', '-');

function download(file, content, type) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = Object.assign(document.createElement('a'), { href: address, download: file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  announce('Downloaded');
}
