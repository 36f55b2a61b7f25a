import { connectSession } from './client/index.js';
import { at, setText } from './dom.js';

let connection;

/** The id of this tab; `undefined` while there is no session to follow. */
export const instance = () => connection?.instance;

/** Whether the page hears of changes. */
export const isLive = () => connection?.state === 'open';

/**
 * Follows the session, unless the page does so already.
 *
 * @param {{ open: () => void, changed: (data: any) => void, note: (data: any) => void, end: (reason: string) => void }} on
 */
export function follow(on) {
  if (connection !== undefined) return;
  const opened = connectSession({ url: '/live' });
  connection = opened;
  opened.on('session:open', () => {
    showConnection('Live');
    on.open();
  });
  opened.on('session:lost', () => showConnection('Paused'));
  opened.on('session:missed', on.changed);
  opened.on('changed', on.changed);
  opened.on('note', on.note);
  const end = (reason) => {
    // An end that this page asked for is no news.
    if (connection !== opened) return;
    leave();
    on.end(reason);
  };
  opened.on('session:end', ({ reason }) => end(reason));
  // Somebody else signed in while this page was not connected.
  opened.on('session:changed', () => end('superseded'));
}

/** Stops following. */
export function leave() {
  connection?.close();
  connection = undefined;
  showConnection('Connecting');
}

/** Says whether the page is live. */
function showConnection(state) {
  at('offline').hidden = state !== 'Paused';
  setText(at('connection'), state);
  at('connection').classList.toggle('live', state === 'Live');
  at('connection').classList.toggle('down', state === 'Paused');
}
