import type { HttpEffort } from './table.js';

/** How servers are measured, and what the figures do not say. */
export function httpMethod({ rounds, leadIn, window, warmup }: HttpEffort): string {
  return `Each server has a process of its own on 127.0.0.1, with the same three routes. 200 signed-in sessions come by cookie over 32 keep-alive
connections. Their clients send prepared bytes over raw sockets. They have a process of their own, which never sleeps while it loads a server: waking it would
count as the server's CPU, and a slow server would have to do so more often. The handler reads the session and answers a small JSON. "Changed" is a request whose handler also writes one key: a cookie that the answer sets is sent with the next request of that session.

Each server is loaded until its figure is flat: for at least ${warmup.requests.toLocaleString('en-US')} requests, then until two successive
windows of ${warmup.window} ms differ by less than ${warmup.flat * 100} %, for at most ${warmup.longest} windows of each kind. Then come ${rounds} rounds. In each,
the servers of one framework take turns in random order, and each is under load for ${window} ms of each kind, after ${leadIn} ms that do not count. Tables show medians over the rounds; differences and
ratios are taken within a round, and the middle half is in parentheses.

CPU is \`process.cpuUsage()\` of the server over a window, of the user and of the system for it, collection of garbage included. The operating system
counts their sum exactly, and may estimate how it divides. Goals are taken from the sum. Each server is compared with the bare server of its framework, whose
requests carry no cookie. "Share of bare" is its CPU a request, divided by that of the other. The row marked noise is bare Express once more: what it seems to add is what this machine cannot tell apart. "Cookie and headers alone" has no sessions, either: it gets a
cookie as long as a token, and sends Vary and Cache-Control. What it adds is the least that a session in a token can add.

sessions-jwt runs with a RevocationList. express-session has its MemoryStore, which is not meant for production, unless another store is named.
@fastify/session runs with its MemoryStore and \`rolling: false\`, so that it sends no cookie with unchanged sessions. @fastify/secure-session, koa-session, @hono/session,
cookie-session and iron-session keep the session in the cookie.`;
}
