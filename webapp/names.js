/* Names of rooms and documents, by the rules of the server, which `RoomName` has. One list of cases tests both. */

const NAME = /^[\p{L}\p{Nd}_~:@-][\p{L}\p{Mn}\p{Mc}\p{Nd}._~:@-]*$/u;
/** Invisible letters and marks; presentation forms and mathematical letters, which look like others. */
const REFUSED = /[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uf900-\uffff\u{1d400}-\u{1d7ff}\u{e0000}-\u{e0fff}]/u;
const MAX_LENGTH = 128;

/** The rule of {@link isName}, for people. */
export const NAME_RULE = 'A name has up to 128 letters and digits of any language and . _ ~ : @ - and does not start with a dot.';

/** Returns whether a text is a name of a document; of a room with a smaller `maxLength`. */
export const isName = (text, maxLength = MAX_LENGTH) =>
  NAME.test(text) && !REFUSED.test(text) && [...text].length <= maxLength && text.normalize('NFC') === text;

/** Returns the possible name in a text or in the hash of a link: with dashes for spaces, and in NFC, which keyboards do not always write. */
export function nameIn(text) {
  let name = text.trim().replace(/^[^#]*#/, '');
  try {
    name = decodeURIComponent(name);
  } catch { /* a malformed escape, whose % no name has */ }
  return name.replace(/\s+/g, '-').normalize('NFC');
}
