import { at } from './dom.js';

/** Enough of a token to tell it from another. */
const short = (token) => `${token.slice(0, 8)}…`;

/** Shows what the last request that may change something was sent with. */
export function showLastRequest({ line, token, refused, origin, status, reason }) {
  const isForeign = reason === 'cross_origin';
  const verdict = isForeign ? 'not checked' : reason ? `refused (${reason})` : 'accepted';
  const tokens = [
    ...(refused === undefined ? [] : [`${short(refused)} was refused. Sent again with a new one:`]),
    `${token === undefined ? 'none' : short(token)}: ${verdict}`,
  ];
  const from = origin === 'none' ? 'neither Sec-Fetch-Site nor Origin' : origin;
  const rows = {
    Request: line,
    Token: tokens.join(' '),
    Origin: `${from}: ${isForeign ? 'refused' : 'accepted'}`,
    Answer: status,
  };
  const parts = Object.entries(rows).flatMap(([name, text]) => {
    const [term, value] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = name;
    value.textContent = text;
    return [term, value];
  });
  at('last-request').replaceChildren(...parts);
  at('last-request').hidden = false;
  at('no-request').hidden = true;
}

/** Sends what another site could send: a request that changes nothing, with a token that does not fit. Returns what came of it. */
export async function tryForging(kind, { change, newToken }) {
  // A token of a visitor without cookies: what this page has after another tab has signed in or out.
  const token = kind === 'stale' ? await newToken('omit') : undefined;
  try {
    await change('PUT', 'data', {}, token);
    return '200: the service accepted it.';
  } catch (error) {
    if (error.reason === undefined) throw error;
    return `${error.status} ${error.code}, ${error.reason}: refused before anything used the session.`;
  }
}
