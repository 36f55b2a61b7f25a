import { at } from './dom.js';

const TIMES = ['created', 'lastAccess', 'lastUpdate', 'authenticatedAt', 'expires'];

/** The text of the editor before the user changed it. */
let shown = '{}';

/** Shows the attributes and the data of the session, or that there is none. */
export function showInside(session) {
  at('no-session').hidden = session !== null;
  at('attributes').replaceChildren(...Object.entries(session ?? {}).flatMap(([key, value]) => row(key, value)));
  if (at('data-text').value === '' || at('data-text').value === shown) showData(session);
}

export function showData(session) {
  shown = JSON.stringify(session?.sessionData ?? {}, null, 2);
  at('data-text').value = shown;
}

/** Saves the keys in the text, and deletes those that are no longer in it. */
export async function saveData({ call }) {
  const wanted = JSON.parse(at('data-text').value);
  await call('PUT', 'data', wanted);
  const gone = Object.keys(JSON.parse(shown)).filter((key) => !Object.hasOwn(wanted, key));
  for (const key of gone) await call('DELETE', `data/${encodeURIComponent(key)}`);
  at('data-text').value = shown;
}

export function showToken({ token, header, payload }) {
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
