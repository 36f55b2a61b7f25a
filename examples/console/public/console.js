import { enableActions } from './actions.js';
import { createApi } from './api.js';
import { drawChart, setActivity } from './chart.js';
import { showLastRequest } from './cross-site.js';
import { at, keepFocus, setText, showView, viewShown } from './dom.js';
import { showEnd } from './ended.js';
import { fail } from './feedback.js';
import { watchHealth } from './health.js';
import { showData, showInside, showToken } from './inside.js';
import { clearNotes, showNote, showTargets } from './messages.js';
import { expiresAt, markGone, showSessions, tickSessions } from './sessions.js';
import { follow, instance, isLive, leave } from './stream.js';
import { serverTime, setServerTime } from './time.js';

/** The session as the service last sent it, or null. */
let session = null;

/** Where the service keeps sessions: 'server' (in a store) or 'tokens'. Asked once. */
let kind;

/** Whether this page is about to end its session. */
let isLeaving = false;

/** The last time at which the page saw its session expire: ms timestamp. */
let expired;

/** Grows when the session of the page is over: what was asked for before is out of date then. */
let epoch = 0;

const api = createApi({
  fetch: window.fetch.bind(window),
  cookies: () => document.cookie,
  report: showLastRequest,
  instance,
});

/** Tabs of a browser share the session: one that signs in tells those that are signed out. */
const neighbours = new BroadcastChannel('console');

/** Loads the session and shows it. `isActivity`: whether the user did something, so that the session lasts longer. */
async function load(isActivity) {
  const began = epoch;
  kind ??= await learnKind();
  const { session: found } = isActivity ? await api.call('GET', 'session') : await api.look('session');
  const token = kind === 'tokens' && found !== null ? await api.look('token') : { token: '..' };
  const overview = found?.uid ? await api.look('overview') : undefined;
  if (began !== epoch) return;
  const before = session?.uid;
  if (before && found?.uid !== before) {
    if (found?.uid) end('superseded');
    // The stream would say why, but has not done so yet.
    else end(isLive() ? 'gone' : 'no session');
    return;
  }
  session = found;
  showInside(session);
  showToken(token);
  for (const button of document.querySelectorAll('[data-needs]')) setDisabled(button, session === null);
  if (overview !== undefined) showSignedIn(overview);
  else if (viewShown() !== 'signed-out') showSignedOut();
}

async function learnKind() {
  const { sessions, keptIn } = await api.look('about');
  setText(at('kept-in'), keptIn);
  for (const element of document.querySelectorAll('[data-kind]')) element.hidden = element.dataset.kind !== sessions;
  return sessions;
}

let loading = Promise.resolve();

/** Loads one after another, so that an old answer does not replace a newer one. */
function refresh(isActivity = true) {
  loading = loading.catch(() => undefined).then(() => load(isActivity));
  return loading;
}

/** Loads what has changed. Without the service, the page says so already. */
function look() {
  refresh(false).catch(() => undefined);
}

function showSignedIn({ now, sessions, activity }) {
  setServerTime(now);
  setText(at('who'), session.userData.name);
  document.title = `${session.userData.name}: Session console`;
  follow({ open: () => refresh().catch(() => undefined), changed, note: showNote, end });
  showSessions(sessions, instance());
  showTargets();
  setActivity(activity);
  at('invite').hidden = sessions.length > 1 || sessions[0].tabs.length > 1;
  setDisabled(at('end-others'), kind === 'server' && sessions.length === 1);
  const isAtStart = viewShown() === 'loading';
  showView('signed-in');
  if (!isAtStart) keepFocus(at('devices-title'));
}

function showSignedOut() {
  leave();
  forget();
  document.title = 'Session console';
  showView('signed-out');
  keepFocus(at('name'));
}

/** The session is over. An end that this page asked for is no news. */
function end(reason) {
  session = null;
  epoch += 1;
  leave();
  forget();
  if (!isLeaving) showEnd(reason);
}

/** Nothing of the session stays on the page. */
function forget() {
  markGone(undefined);
  clearNotes();
  showSessions([], undefined);
  showInside(session);
  showData(session);
  setText(at('who'), '');
}

function changed({ presentUsers }) {
  if (presentUsers !== undefined) {
    const users = presentUsers === 1 ? '1 user was' : `${presentUsers} users were`;
    setText(at('present'), `${users} active in the last 5 minutes.`);
  }
  look();
}

/** Not `disabled`: a button that has the focus must keep it when it has done its work. */
function setDisabled(button, isDisabled) {
  button.setAttribute('aria-disabled', String(isDisabled));
}

function tick() {
  if (viewShown() !== 'signed-in') return;
  tickSessions();
  drawChart();
  // With the stream, the service says when it is over. Without, the page looks once.
  if (expiresAt() > serverTime() || expiresAt() === expired || isLive()) return;
  expired = expiresAt();
  look();
}

enableActions({
  api,
  refresh,
  session: () => session,
  signedIn: () => neighbours.postMessage('signed in'),
  /** Ends this session by a request. */
  async leaveBy(request, text) {
    isLeaving = true;
    try {
      await request();
      session = null;
      epoch += 1;
      showSignedOut();
      return ['sign-in', text];
    } finally {
      isLeaving = false;
    }
  },
});

neighbours.addEventListener('message', () => viewShown() === 'signed-out' && look());
document.addEventListener('visibilitychange', () => !document.hidden && viewShown() !== 'ended' && !isLive() && look());
setInterval(tick, 500);
watchHealth();
refresh().catch((error) => {
  showView('signed-out');
  fail('sign-in', error);
});
