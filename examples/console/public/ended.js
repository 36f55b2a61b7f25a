import { at, showView } from './dom.js';

/** What the package itself says. Other reasons are those of the service: they say where the session was ended. */
const REASONS = {
  expired: 'It has expired.',
  superseded: 'Another user has signed in in this browser.',
  revoked: 'It was ended by the service.',
  ended: 'It was ended by the service.',
  gone: 'It has ended, or this browser has lost its cookie.',
  'no session': 'It ended while this page was not connected.',
};

/** Darkens the page: the session is over. */
export function showEnd(reason) {
  at('ended-why').textContent = Object.hasOwn(REASONS, reason) ? REASONS[reason] : sentence(reason);
  at('ended-when').textContent =
    `Noticed at ${new Date().toLocaleTimeString()}. This page shows and sends nothing any more.`;
  at('leave').textContent = reason === 'superseded' ? 'Continue as that user' : 'Sign in again';
  document.title = 'Ended: Session console';
  showView('ended');
  at('ended-title').focus();
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
