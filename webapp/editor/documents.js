import { showAccount, whoAmI } from '../account.js';
import { announce } from '../copy.js';
import { $, setText } from '../dom.js';
import { NAME_RULE } from '../names.js';
import { deleteDocument, listDocuments } from './api.js';
import { deleteLocalCopy, openedDocuments } from './device.js';
import { ago, titleOf } from './listing.js';
import { documentOf, linkTo, newDocument } from './names.js';
import { sizeOf } from './size.js';
import { Trash } from './trash.js';

const PAUSE_MILLIS = 150;

// ---- Create or open ------------------------------------------------------------------------------------------

$('new').onsubmit = event => {
  event.preventDefault();
  const input = $('name');
  const name = input.value.trim() ? documentOf(input.value) : newDocument();
  if (name) {
    location.href = linkTo(name);
    return;
  }
  $('name-hint').textContent = NAME_RULE;
  $('name-hint').className = 'wrong';
  input.setAttribute('aria-invalid', 'true');
  input.focus();
};

// ---- List ----------------------------------------------------------------------------------------------------

/** The server's answer, and why there is none. */
let listing = { documents: [], more: false, listed: true };
let trouble = '';
let loading;

async function load() {
  loading?.abort();
  loading = new AbortController();
  const { signal } = loading;
  try {
    // Loads all documents, to sort them; if there are too many, only those that match the filter.
    listing = await listDocuments(listing.more || narrowed ? $('filter').value.trim() : '', signal);
    narrowed = listing.more || narrowed && $('filter').value !== '';
    trouble = '';
    if (listing.listed) trash.load();
  } catch (error) {
    if (signal.aborted) return;
    trouble = error instanceof TypeError ? 'The server cannot be reached.' : error.message;
  }
  draw();
}

let narrowed = false;

/** Returns the server's documents and those opened on this device, latest first: {name, time, bytes, open, here}. */
function all() {
  const found = new Map();
  for (const { name, opened } of openedDocuments()) found.set(name, { name, time: opened, here: true });
  for (const { name, bytes, changed, open } of listing.documents) {
    if (documentOf(name) === name) found.set(name, { name, time: Date.parse(changed), bytes, open });
  }
  return [...found.values()].sort((a, b) => b.time - a.time || a.name.localeCompare(b.name));
}

function draw() {
  const documents = all();
  const wanted = $('filter').value.trim().toLowerCase();
  const shown = documents.filter(({ name }) => name.toLowerCase().includes(wanted));
  const focused = document.activeElement?.closest?.('#list li')?.dataset.name;
  $('list').replaceChildren(...shown.map(row));
  if (focused) [...$('list').children].find(({ dataset }) => dataset.name === focused)?.querySelector('a').focus();
  $('list').removeAttribute('aria-busy');
  $('filter-field').hidden = documents.length === 0 && !wanted;
  $('empty').hidden = shown.length > 0;
  setText($('empty-title'), documents.length ? 'No document matches' : 'No documents yet');
  setText($('empty-text'), documents.length ? 'Shorten or clear the filter.' : 'Create one above. Anyone with its link can edit.');
  const note = trouble ? `${trouble} The list shows the documents that were opened on this device.`
    : !listing.listed ? 'This server lists no documents. The list shows those that were opened on this device.'
    : listing.more ? 'There are more documents. Type the beginning of a name to find them.'
    : '';
  $('note').hidden = !note || (!documents.length && !trouble);
  setText($('note'), note);
}

function row({ name, time, bytes, open, here }) {
  const element = $('document').content.firstElementChild.cloneNode(true);
  const part = part => element.querySelector(part);
  element.dataset.name = name;
  part('a').href = linkTo(name);
  part('a').textContent = titleOf(name);
  part('time').dateTime = new Date(time).toISOString();
  part('time').title = new Date(time).toLocaleString();
  part('time').textContent = `${here ? 'opened' : 'changed'} ${ago(time)}`;
  part('.size').textContent = here ? 'on this device' : sizeOf(bytes);
  part('.open').textContent = open ? `${open} here now` : '';
  part('button').setAttribute('aria-label', `Delete ${name}`);
  part('button').onclick = () => ask(name);
  return element;
}

let pause;

$('filter').oninput = () => {
  draw();
  if (!listing.more && !narrowed) return;
  clearTimeout(pause);
  pause = setTimeout(load, PAUSE_MILLIS);
};

// ---- Deleting ------------------------------------------------------------------------------------------------

const dialog = $('delete');

function ask(name) {
  dialog.dataset.name = name;
  $('delete-name').textContent = name;
  $('delete-text').textContent = listing.listed
    ? 'This moves the document to the trash, from which it can be restored, and removes the copy on this device.'
    : 'This deletes the copy on this device. The server keeps the document.';
  $('delete-trouble').textContent = '';
  dialog.returnValue = '';
  dialog.showModal();
}

$('delete-cancel').onclick = () => dialog.close();
$('delete-form').onsubmit = async event => {
  event.preventDefault();
  const { name } = dialog.dataset;
  $('delete-confirm').disabled = true;
  try {
    if (listing.listed) await deleteDocument(name);
    await deleteLocalCopy(name);
    listing.documents = listing.documents.filter(each => each.name !== name);
    dialog.close();
    announce(`Deleted ${name}`);
    draw();
    trash.load();
    $('filter').focus();
  } catch (error) {
    $('delete-trouble').textContent = error instanceof TypeError ? 'The server cannot be reached.' : error.message;
  } finally {
    $('delete-confirm').disabled = false;
  }
};

// ---- Trash ---------------------------------------------------------------------------------------------------

const trash = new Trash();
trash.addEventListener('restore', load);

addEventListener('pageshow', load); // also when the user returns to the page
document.addEventListener('visibilitychange', () => document.hidden || load());
whoAmI().then(showAccount);
