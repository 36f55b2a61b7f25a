import type { Incoming } from './exchange.js';

/**
 * Whether another site made the browser send the request. It may come without the browser's cookie (SameSite), and a new,
 * empty session would replace that.
 */
export function isFromElsewhere(request: Incoming): boolean {
  const site = request.requestHeader('sec-fetch-site');
  return site === 'cross-site' || site === 'same-site';
}

/**
 * Whether a client asks without its user having done anything. That is so
 * - for an event stream, which browsers reconnect by themselves;
 * - for what a page shows, such as its images, which a shared cache may keep;
 * - for a page that the user may open later (Sec-Purpose, HTML section 2.4.4);
 * - if the client itself says so, with `X-Session-Passive: 1`.
 */
export function isUnasked(request: Incoming): boolean {
  if (request.requestHeader('accept') === 'text/event-stream') return true;
  if (request.requestHeader('x-session-passive') === '1') return true;
  const isPart = /^(?:style|script|image|font)$/.test(request.requestHeader('sec-fetch-dest') ?? '');
  return isPart || /^prefetch\b/.test(request.requestHeader('sec-purpose') ?? '');
}
