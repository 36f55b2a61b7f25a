import { connectSession } from './client/index.js';
import { at, setText } from './dom.js';

/** How long the service may take to move this page to another stream, as after a rotation: ms. */
const MOVING = 3_000;

let connection;

/** Until when a closed stream is no news. */
let movesUntil = 0;

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
    showConnection();
    on.open();
  });
  opened.on('session:missed', on.changed);
  opened.on('session:reconnect', () => {
    movesUntil = performance.now() + MOVING;
  });
  opened.on('changed', on.changed);
  opened.on('note', on.note);
  opened.on('session:end', ({ reason }) => {
    // An end that this page asked for is no news.
    if (connection !== opened) return;
    leave();
    on.end(reason);
  });
}

/** Stops following. */
export function leave() {
  connection?.close();
  connection = undefined;
  showConnection();
}

/** Says whether the page is live. */
export function showConnection() {
  const state = connection?.state ?? 'closed';
  const isDown = state === 'waiting' && performance.now() > movesUntil;
  at('offline').hidden = !isDown;
  setText(at('connection'), isDown ? 'Paused' : state === 'open' ? 'Live' : 'Connecting');
  at('connection').classList.toggle('live', state === 'open');
  at('connection').classList.toggle('down', isDown);
}
