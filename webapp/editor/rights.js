import * as decoding from 'lib0/decoding';
import { renew, subprotocols, untilRenewal, whoAmI } from '../account.js';

/* What the user may do with a document. The server ignores the changes of a reader, so the page asks it. */

/** The type of the message with which the server refuses to open a document. */
const PERMISSION_DENIED = 2;
/** Close codes after which the user's rights may be other ones. */
const DENIED = [1008, 4401, 4403];
const ASK_AGAIN_MILLIS = 15_000;
/** A browser's timer takes no longer time. */
const MAX_TIMER_MILLIS = 2 ** 31;

/**
 * Asks for the user and the rights at first, and whenever they may have changed. Renews the user's token, for the next connection.
 *
 * @param changed receives the server's answer, and whether the user may only read
 * @param mayConnect returns whether the window is to connect when the rights allow it
 * @returns a function that asks at once
 */
export function watchRights(name, provider, saving, changed, mayConnect = () => true) {
  let readOnly = false;
  let asking;

  const ask = async () => {
    clearTimeout(asking);
    await renew();
    provider.protocols = subprotocols('yjs');
    const user = await whoAmI({ document: name });
    if (!user) return connect();
    const wasReadOnly = readOnly;
    readOnly = !user.may.includes('write');
    changed(user, readOnly);
    const isWaiting = readOnly && saving.hasUnsaved;
    const pause = Math.max(ASK_AGAIN_MILLIS, isWaiting ? 0 : user.renewal ? untilRenewal() : Infinity);
    clearTimeout(asking);
    if (pause < MAX_TIMER_MILLIS) asking = setTimeout(ask, pause);
    if (wasReadOnly && !readOnly) provider.disconnect(); // synchronizes anew, and sends what the server ignored
    if (!user.may.includes('read')) provider.disconnect(); // it would try for ever
    else connect();
  };
  const connect = () => { if (mayConnect()) provider.connect(); };

  provider.on('sync', synced => synced && ask());
  provider.on('connection-close', event => DENIED.includes(event?.code) && ask());
  provider.messageHandlers[PERMISSION_DENIED] = (_, decoder) => {
    decoding.readVarUint(decoder);
    decoding.readVarString(decoder); // the notice shows the rights instead
    ask();
  };
  saving.addEventListener('change', () => saving.state === 'late' && !readOnly && ask());
  ask();
  return ask;
}
