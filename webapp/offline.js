/* Lets the pages open without a network: see sw.js. Browsers allow that to pages from https or this machine only. */

const register = () => navigator.serviceWorker.register('sw.js', { updateViaCache: 'none' }).catch(() => { /* this browser keeps no pages */ });

if (navigator.serviceWorker) {
  if (document.readyState === 'complete') register();
  else addEventListener('load', register); // the page's own files come first
}
