import { at, setText } from './dom.js';
import { run } from './feedback.js';
import { isThisTab, listedSessions, thisPlace, titleOf } from './sessions.js';

/** The most messages that are shown, and how long a new one also shows at the edge of the window: ms. */
const MOST = 20;
const TOAST = 8_000;

let timer;

/** Lists to whom this page can send, and keeps what is chosen as long as it is there. */
export function showTargets() {
  const select = at('to');
  const wanted = [
    option('user', 'All my tabs'),
    option('someone', 'Another user …'),
    ...listedSessions().map((session) => {
      const title = titleOf(session);
      const all = option(`session ${session.lineage}`, `All tabs of ${title}`);
      const tabs = session.tabs.map((tab) => {
        return option(keyOfTab(session, tab), `${tab.name}${isThisTab(session, tab) ? ' (this tab)' : ''} of ${title}`);
      });
      return group(title, [all, ...tabs]);
    }),
  ];
  if (wanted.map(textOf).join() === [...select.children].map(textOf).join()) return;
  const { value } = select;
  select.replaceChildren(...wanted);
  select.value = value;
  if (select.selectedIndex < 0) select.value = 'user';
  showSomeone();
}

/** Prepares a message to a tab. */
export function addressTo(session, tab) {
  at('to').value = keyOfTab(session, tab);
  showSomeone();
  at('text').focus();
}

/** A message arrived. */
export function showNote({ to, text, from, at: time }) {
  const isOwn = from.place === thisPlace();
  const note = document.createElement('li');
  const [words, facts] = [document.createElement('p'), document.createElement('p')];
  words.textContent = text;
  facts.className = 'quiet';
  const sender = isOwn ? 'You, from this tab' : `${from.name}, ${from.place}`;
  facts.textContent = `${sender}, to ${REACH[to]}, ${new Date(time).toLocaleTimeString()}`;
  note.append(words, facts);
  at('notes').prepend(note);
  while (at('notes').children.length > MOST) at('notes').lastElementChild.remove();
  // On a small screen, the list may be out of sight.
  if (note.getBoundingClientRect().top > window.innerHeight - 40) showToast(`${sender}: ${text}`);
}

/** @param {{ call: (method: string, path: string, body: unknown) => Promise<unknown> }} api */
export function enableMessages(api) {
  at('to').addEventListener('change', showSomeone);
  at('send').addEventListener('submit', (event) => {
    event.preventDefault();
    const label = at('to').selectedOptions[0].textContent;
    const to = at('to').value === 'someone' ? at('user').value : label.charAt(0).toLowerCase() + label.slice(1);
    run('send', `Sent to ${to}.`, async () => {
      await api.call('POST', 'messages', { ...targetOf(), text: at('text').value });
      at('text').value = '';
    });
  });
}

export function clearNotes() {
  at('notes').replaceChildren();
  at('toast').hidden = true;
}

const REACH = { tab: 'this tab', session: 'all tabs of this session', user: 'all your tabs' };

/** What the form says, as the service takes it. */
function targetOf() {
  const [to, lineage, instance] = at('to').value.split(' ');
  if (to === 'someone') return { to: 'user', name: at('user').value };
  if (to === 'session') return { to, lineage };
  return to === 'tab' ? { to, lineage, instance } : { to };
}

function showSomeone() {
  at('someone').hidden = at('to').value !== 'someone';
  at('user').required = at('to').value === 'someone';
}

function showToast(text) {
  setText(at('toast'), text);
  at('toast').hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => {
    at('toast').hidden = true;
  }, TOAST);
}

const keyOfTab = ({ lineage }, { instance }) => `tab ${lineage} ${instance}`;
const textOf = (element) => `${element.label}${element.textContent}`;

function option(value, text) {
  const one = document.createElement('option');
  one.value = value;
  one.textContent = text;
  return one;
}

function group(label, options) {
  const one = document.createElement('optgroup');
  one.label = label;
  one.append(...options);
  return one;
}
