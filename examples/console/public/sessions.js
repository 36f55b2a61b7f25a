import { at, copyOf, keepFocus, setText, showList } from './dom.js';
import { ago, clockTime, countdown, serverTime } from './time.js';

/**
 * The sessions as the service last listed them, and the tab that shows them.
 *
 * @type {{ sessions: any[], instance: string | undefined }}
 */
let shown = { sessions: [], instance: undefined };

/** The session that this page ended last. It stays in the list, as the place where that is said. */
let gone;

/** What the buttons of the list do. */
let acts = { end: (_session, _row) => undefined, message: (_session, _tab) => undefined };

/** @param {typeof acts} wanted */
export function onListActions(wanted) {
  acts = wanted;
}

/** Shows the sessions: this one first, then the newest. That order does not change when they are used. */
export function showSessions(sessions, instance) {
  const order = (a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.created - a.created;
  // An answer from before its end may still list the session that is gone.
  const present = sessions.filter(({ lineage }) => lineage !== gone?.lineage);
  shown = { sessions: present.sort(order), instance };
  const list = at('session-list');
  const hadFocus = list.contains(document.activeElement);
  const rows = gone === undefined ? shown.sessions : [...shown.sessions, gone].sort(order);
  showList(list, rows, ({ lineage }) => lineage, createRow, updateRow);
  const tabs = present.reduce((sum, session) => sum + session.tabs.length, 0);
  setText(at('summary'), `${counted(present.length, 'session')}, ${counted(tabs, 'open tab')}`);
  if (hadFocus) keepFocus(list.querySelector('.gone h3') ?? at('devices-title'));
}

/** Says of a session that this page has ended it. `undefined`: of none. */
export function markGone(session) {
  gone = session && { ...session, name: titleOf(session), tabs: [], isGone: true };
}

/** The time goes on. */
export function tickSessions() {
  for (const row of at('session-list').children) {
    const session = shown.sessions.find(({ lineage }) => lineage === row.dataset.key);
    if (session !== undefined) updateTimes(row, session);
  }
}

/** What a session is called: its name, and the time of its sign-in if another one has that name too. */
export function titleOf({ name, created, lineage }) {
  const isAmbiguous = shown.sessions.some((other) => other.name === name && other.lineage !== lineage);
  return isAmbiguous ? `${name} (since ${clockTime(created)})` : name;
}

/** When this session expires, as far as this page knows: ms timestamp. */
export const expiresAt = () => shown.sessions.find(({ isCurrent }) => isCurrent)?.expires ?? Number.POSITIVE_INFINITY;

/** What the service calls this tab, such as 'Firefox on Linux (tab 3F2A)'. */
export function thisPlace() {
  const session = shown.sessions.find(({ isCurrent }) => isCurrent);
  const tab = session?.tabs.find(({ instance }) => instance === shown.instance);
  return tab && `${session.name} (${tab.name})`;
}

/** The sessions in the order of the list. */
export const listedSessions = () => shown.sessions;

export const isThisTab = (session, tab) => session.isCurrent && tab.instance === shown.instance;

function createRow() {
  const row = copyOf('session-row');
  row.querySelector('button').addEventListener('click', () => acts.end(sessionOf(row), row));
  return row;
}

function updateRow(row, session) {
  row.classList.toggle('gone', session.isGone === true);
  if (session.isGone) return showGone(row, session);
  const title = titleOf(session);
  row.querySelector('use').setAttribute('href', `icons.svg#${iconOf(session)}`);
  row.classList.toggle('current', session.isCurrent);
  setText(row.querySelector('h3'), title);
  row.querySelector('.what .badge').hidden = !session.isCurrent;
  const button = row.querySelector('button');
  setText(button, session.isCurrent ? 'Sign out' : 'End session');
  button.setAttribute('aria-label', session.isCurrent ? 'Sign out' : `End session: ${title}`);
  const tabs = [...session.tabs].sort((a, b) => {
    return Number(isThisTab(session, b)) - Number(isThisTab(session, a)) || (a.instance < b.instance ? -1 : 1);
  });
  showList(
    row.querySelector('.tabs'),
    tabs,
    ({ instance }) => instance,
    () => createTab(row),
    updateTab(session),
  );
  updateTimes(row, session);
}

function showGone(row, { name }) {
  row.querySelector('h3').textContent = `${name}: session ended`;
  row.querySelector('.facts').textContent = 'Its tabs went dark, and say that it was ended here.';
  row.querySelector('.tabs').replaceChildren();
}

function createTab(row) {
  const line = copyOf('tab-row');
  line.querySelector('button').addEventListener('click', () => {
    const session = sessionOf(row);
    acts.message(
      session,
      session.tabs.find(({ instance }) => instance === line.dataset.key),
    );
  });
  return line;
}

const updateTab = (session) => (line, tab) => {
  const name = `${tab.name.charAt(0).toUpperCase()}${tab.name.slice(1)}`;
  setText(line.querySelector('.name'), name);
  line.querySelector('.badge').hidden = !isThisTab(session, tab);
  line.classList.toggle('current', isThisTab(session, tab));
  line.classList.toggle('hidden', !tab.isVisible);
  line.querySelector('button').setAttribute('aria-label', `Message ${tab.name} of ${titleOf(session)}`);
};

function updateTimes(row, session) {
  const left = session.expires - serverTime();
  setText(row.querySelector('.number'), countdown(left));
  row.querySelector('.life span').style.width = `${Math.min(100, Math.max(0, (100 * left) / session.lifetime))}%`;
  const start = session.client === session.name ? 'Signed' : `${session.client}, signed`;
  const facts = `${start} in ${clockTime(session.created)}, active ${ago(session.lastActivity)}`;
  setText(row.querySelector('.what .facts'), session.tabs.length === 0 ? `${facts}, no open tab` : facts);
  for (const line of row.querySelector('.tabs').children) {
    const tab = session.tabs.find(({ instance }) => instance === line.dataset.key);
    if (tab === undefined) continue;
    const active = tab.lastActivity === 0 ? 'just opened' : `active ${ago(tab.lastActivity)}`;
    setText(line.querySelector('.facts'), tab.isVisible ? active : `in the background, ${active}`);
  }
}

const sessionOf = (row) => shown.sessions.find(({ lineage }) => lineage === row.dataset.key);

function iconOf({ client }) {
  if (/Android|iOS/.test(client)) return 'phone';
  return /curl|unknown/.test(client) ? 'terminal' : 'laptop';
}

const counted = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;
