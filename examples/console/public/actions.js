import { tryForging } from './cross-site.js';
import { at } from './dom.js';
import { run, say } from './feedback.js';
import { saveData, showData } from './inside.js';
import { addressTo, enableMessages } from './messages.js';
import { markGone, onListActions } from './sessions.js';

/**
 * What the buttons and forms of the page do.
 *
 * @param {object} page
 * @param {ReturnType<typeof import('./api.js').createApi>} page.api
 * @param {() => Promise<void>} page.refresh loads the page again
 * @param {() => any} page.session the session, or null
 * @param {() => void} page.signedIn tells the other tabs of the browser
 * @param {(request: () => Promise<unknown>, text: string) => Promise<[string, string]>} page.leaveBy
 */
export function enableActions({ api, refresh, session, signedIn, leaveBy }) {
  const { call } = api;

  const then = (method, path, body) => async () => {
    const answer = await call(method, path, body);
    await refresh();
    return answer;
  };

  const signOut = () => leaveBy(() => call('POST', 'sign-out'), 'You are signed out. Your other tabs here went dark.');

  const endOthers = async () => {
    const { ended } = await then('POST', 'sign-out-others')();
    if (ended === null) return 'All your other sessions have ended.';
    return ended === 1 ? '1 other session has ended.' : `${ended} other sessions have ended.`;
  };

  /** What each button does, and what is said then, unless it returns a text. */
  const actions = {
    refresh: ['Loaded. The time left has restarted.', refresh],
    again: [
      'Signed in again: a new id, the same lineage.',
      () => then('POST', 'sign-in', { name: session().userData.name })().then(() => undefined),
    ],
    rotate: [
      'Rotated: a new id and a new cookie. The old cookie works for 10 more seconds.',
      () => then('POST', 'rotate')().then(() => undefined),
    ],
    'sign-out-others': ['', endOthers],
    'sign-out-everywhere': [
      '',
      () => leaveBy(() => call('POST', 'sign-out-everywhere'), 'All your sessions have ended, on every device.'),
    ],
  };

  for (const button of document.querySelectorAll('[data-action]')) {
    const [done, action] = actions[button.dataset.action];
    const { place } = button.dataset;
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') === 'true') say(place, LACKS[place], true);
      else run(place, done, action);
    });
  }

  onListActions({
    end(chosen, row) {
      const place = row.querySelector('.message');
      if (chosen.isCurrent) run(place, '', signOut);
      else
        run(place, '', async () => {
          await call('DELETE', `sessions/${chosen.id}`);
          markGone(chosen);
          await refresh();
        });
    },
    message: addressTo,
  });

  at('sign-in').addEventListener('submit', (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const device = String(form.get('device')).trim();
    const wanted = { name: form.get('name'), remember: form.has('remember'), ...(device === '' ? {} : { device }) };
    run('sign-in', '', async () => {
      await then('POST', 'sign-in', wanted)();
      signedIn();
      return ['devices', 'You are signed in. The session has a new id.'];
    });
  });

  at('leave').addEventListener('click', () => run('ended', '', refresh));

  for (const button of document.querySelectorAll('[data-forge]')) {
    button.addEventListener('click', () => run('forge', '', () => tryForging(button.dataset.forge, api)));
  }

  at('data').addEventListener('submit', (event) => {
    event.preventDefault();
    run('data', 'Saved.', async () => {
      await saveData(api);
      await refresh();
    });
  });

  at('data').addEventListener('reset', (event) => {
    event.preventDefault();
    showData(session());
    say('data', 'Your edits are undone.');
  });

  enableMessages(api);
}

/** What a button that cannot work now says. */
const LACKS = {
  devices: 'You have no other session.',
  session: 'There is no session yet. Sign in, or save some data.',
};
