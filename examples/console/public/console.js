import { createApi, Refusal } from './api.js';
import { showLastRequest, tryForging } from './cross-site.js';

/** @param {string} id */
const at = (id) => document.getElementById(id);

/** The session as the server last sent it, or null; and when it arrived, by the page's clock. */
let session = null;
let heardAt = 0;

/** Where the service keeps sessions: 'server' (in a store) or 'tokens'. Asked once. */
let kind;

const api = createApi({ fetch: window.fetch.bind(window), cookies: () => document.cookie, report: showLastRequest });
const { call } = api;

/** Loads the session and shows it. This counts as activity: the time left restarts. */
async function refresh() {
  kind ??= await learnKind();
  ({ session } = await call('GET', 'session'));
  heardAt = performance.now();
  showSession();
  if (kind === 'tokens') showToken(session === null ? { token: '..' } : await call('GET', 'token'));
  else showDevices(session?.uid ? (await call('GET', 'sessions')).sessions : []);
}

async function learnKind() {
  const { sessions, keptIn } = await call('GET', 'about');
  at('kept-in').textContent = keptIn;
  at('devices').hidden = sessions !== 'server';
  at('tokens').hidden = sessions !== 'tokens';
  return sessions;
}

function showSession() {
  const name = session?.userData.name;
  at('who').textContent = name ? `Signed in as ${name}` : session ? 'Anonymous session' : 'No session';
  at('who').classList.toggle('signed-in', Boolean(name));
  for (const button of document.querySelectorAll('[data-needs]')) {
    // Not `disabled`: a button that has the focus must keep it when it has done its work.
    button.setAttribute('aria-disabled', String(lacks(button) !== ''));
  }
  at('attributes').replaceChildren(...Object.entries(session ?? {}).flatMap(([key, value]) => row(key, value)));
  if (!isEdited()) showData();
  tick();
}

/** What must be done before a button can work; '' if it can. */
function lacks({ dataset: { needs } }) {
  if (needs === 'user' && !session?.uid) return 'Sign in first.';
  return needs === 'session' && !session ? 'There is no session yet. Sign in, or save some data.' : '';
}

const TIMES = ['created', 'lastAccess', 'lastUpdate', 'authenticatedAt', 'expires'];

function row(key, value) {
  if (key === 'sessionData' || key === 'timeLeft') return [];
  const name = document.createElement('dt');
  const text = document.createElement('dd');
  name.textContent = key;
  if (value === null) text.textContent = '–';
  else if (TIMES.includes(key)) text.textContent = new Date(value).toLocaleString();
  else text.textContent = typeof value === 'string' ? value : JSON.stringify(value);
  return [name, text];
}

/** Counts down from the server's time left, so that a wrong clock on this device does not matter. */
function tick() {
  const left = session === null ? 0 : Math.max(0, session.timeLeft - (performance.now() - heardAt));
  const seconds = Math.ceil(left / 1000);
  const [minutes, rest] = [Math.floor(seconds / 60), String(seconds % 60).padStart(2, '0')];
  at('time-left').textContent = session === null ? '–' : `${minutes}:${rest}`;
  at('life').value = session === null ? 0 : left / (session.timeLeft || 1);
  at('expires').textContent = session
    ? `left, and it restarts at each request. Expires at ${new Date(session.expires).toLocaleTimeString()}.`
    : 'There is no session yet. Sign in, or save some data.';
  if (session !== null && left === 0) {
    session = null;
    run('session', 'The session has expired.', refresh);
  }
}

function showDevices(devices) {
  const list = at('device-list');
  const focused = [...list.rows].findIndex((line) => line.contains(document.activeElement));
  list.replaceChildren(...devices.map(device));
  // The focus stays in its row, or goes to the row above, or to the heading if no row is left.
  const line = list.rows[Math.min(focused, devices.length - 1)];
  if (focused >= 0) (line?.querySelector('button') ?? at('devices-title')).focus();
  list.closest('.table').hidden = devices.length === 0;
  at('no-devices').hidden = devices.length > 0;
}

function device({ id, info, isCurrent, created, lastAccess, expires }) {
  const line = document.createElement('tr');
  const end = document.createElement('button');
  end.type = 'button';
  end.textContent = 'End';
  const done = 'The session of that device has ended.';
  end.addEventListener('click', () => run('devices', done, then('DELETE', `sessions/${id}`)));
  const texts = [created, lastAccess, expires].map((time) => {
    return new Date(time).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'short' });
  });
  const name = isCurrent ? `${info.client} (this device)` : info.client;
  for (const content of [name, ...texts, end]) line.insertCell().append(content);
  end.setAttribute('aria-label', `End: ${name}, signed in ${texts[0]}`);
  return line;
}

function showToken({ token, header, payload }) {
  const [first, second, third] = token.split('.');
  const [headerPart, payloadPart, signaturePart] = at('token').children;
  headerPart.textContent = first;
  payloadPart.textContent = second && `.${second}`;
  signaturePart.textContent = third && `.${third}`;
  at('token').hidden = first === '';
  at('token-size').textContent = first && `${token.length} of the 4096 bytes that fit in a cookie.`;
  at('token-header').textContent = header ? JSON.stringify(header, null, 2) : '–';
  at('token-payload').textContent = payload ? JSON.stringify(payload, null, 2) : '–';
}

/** The text of the editor before the user changed it. */
let shown = '{}';

const isEdited = () => at('data-text').value !== '' && at('data-text').value !== shown;

function showData() {
  shown = JSON.stringify(session?.sessionData ?? {}, null, 2);
  at('data-text').value = shown;
}

/** Saves the keys in the text, and deletes those that are no longer in it. */
async function saveData() {
  const wanted = JSON.parse(at('data-text').value);
  await call('PUT', 'data', wanted);
  const gone = Object.keys(JSON.parse(shown)).filter((key) => !Object.hasOwn(wanted, key));
  for (const key of gone) await call('DELETE', `data/${encodeURIComponent(key)}`);
  at('data-text').value = shown;
  await refresh();
}

/** Shows text where the action was: 'sign-in', 'session', 'data', 'forge' or 'devices'. Older messages disappear. */
function say(place, text, isFailed = false) {
  for (const message of document.querySelectorAll('.message')) message.textContent = '';
  at(`${place}-message`).textContent = text;
  at(`${place}-message`).classList.toggle('failed', isFailed);
  at('data-text').setAttribute('aria-invalid', String(isFailed && place === 'data'));
  at('name').setAttribute('aria-invalid', String(isFailed && place === 'sign-in'));
}

/** Runs an action and shows its outcome: `done`, or the text that it returns. */
async function run(place, done, action) {
  // Without the old text, a screen reader says the same text again.
  say(place, '');
  try {
    say(place, (await action()) ?? done);
  } catch (error) {
    fail(place, error);
  }
}

function fail(place, error) {
  const isKnown = error instanceof Refusal || error instanceof SyntaxError;
  say(place, isKnown ? error.message : 'The service does not respond. Is it running?', true);
}

const then = (method, path, body) => async () => {
  await call(method, path, body);
  await refresh();
};

const ACTIONS = {
  refresh: ['Refreshed. The time left has restarted.', refresh],
  again: [
    'Signed in again: a new id, the same lineage.',
    () => then('POST', 'sign-in', { name: session.userData.name })(),
  ],
  rotate: ['Rotated: a new id and a new cookie. The old cookie works for 10 more seconds.', then('POST', 'rotate')],
  'sign-out': ['Signed out. The session has ended, and its cookie was cleared.', then('POST', 'sign-out')],
  'sign-out-others': ['All other devices are signed out.', then('POST', 'sign-out-others')],
  'sign-out-everywhere': [
    'Signed out everywhere. All sessions of this user have ended.',
    then('POST', 'sign-out-everywhere'),
  ],
};

for (const button of document.querySelectorAll('[data-action]')) {
  const [done, action] = ACTIONS[button.dataset.action];
  button.addEventListener('click', () => {
    const lack = lacks(button);
    if (lack === '') run('session', done, action);
    else say('session', lack, true);
  });
}

for (const button of document.querySelectorAll('[data-forge]')) {
  button.addEventListener('click', () => run('forge', '', () => tryForging(button.dataset.forge, api)));
}

at('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const wanted = { name: form.get('name'), remember: form.has('remember') };
  run('sign-in', 'Signed in. The session has a new id.', then('POST', 'sign-in', wanted));
});

at('data').addEventListener('submit', (event) => {
  event.preventDefault();
  run('data', 'Saved.', saveData);
});

at('data').addEventListener('reset', (event) => {
  event.preventDefault();
  showData();
  say('data', 'Your edits are undone.');
});

/** Loads the session without a message, unless it fails. */
const look = () => refresh().catch((error) => fail('session', error));

setInterval(tick, 250);
// Another tab may have changed the session meanwhile.
document.addEventListener('visibilitychange', () => !document.hidden && look());
look();
