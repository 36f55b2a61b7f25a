import { at } from './dom.js';

/** How often the page asks while "Look inside" is open, in ms. */
const INTERVAL = 2_000;

/** What a `guarantee` means: who knows of a sign-out when it is answered. */
const REACH = {
  none: 'none: only the cookie is cleared',
  process: 'process: only this process, until it ends',
  log: 'log: this process and the log, which the others read',
  instances: 'instances: every process',
};

/** Shows how far sign-outs reach, for as long as "Look inside" is open. */
export function watchHealth() {
  const box = at('look-inside');
  let timer;
  const show = () => {
    if (!document.hidden) look().catch(() => fill({ Service: 'does not answer' }));
  };
  box.addEventListener('toggle', () => {
    clearInterval(timer);
    if (!box.open) return;
    timer = setInterval(show, INTERVAL);
    show();
  });
}

async function look() {
  // A 503 has the same body.
  const { guarantee, list, store } = await (await fetch('/api/health')).json();
  fill({
    Guarantee: REACH[guarantee] ?? guarantee,
    ...(list === null ? {} : { List: `${list.isFresh ? 'fresh' : 'stale'}, ${ageOf(list)}` }),
    ...(store === null ? {} : { Store: store.isReachable ? `answers in ${store.latency} ms` : 'does not answer' }),
  });
}

function ageOf({ age, bound }) {
  const limit = `stale after ${bound / 1000} s`;
  return age === null ? 'the log was never read' : `the log answered ${Math.round(age)} ms ago; ${limit}`;
}

function fill(rows) {
  const parts = Object.entries(rows).flatMap(([name, text]) => {
    const [term, value] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = name;
    value.textContent = text;
    return [term, value];
  });
  at('health').replaceChildren(...parts);
}
