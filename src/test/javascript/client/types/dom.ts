import { Tutti } from 'tutti-client';

const tutti = new Tutti(new URL('connect', location.href));
const target: EventTarget = tutti;
const ending = new AbortController();
tutti.addEventListener('state', (event: Event) => event.timeStamp, { signal: ending.signal });
tutti.room('garden').addEventListener('joined', event => event.timeStamp + event.missed);
target.dispatchEvent(new Event('state'));
