/** How it was measured and what the figures do not say. */
export function methodText(): string {
  return `What is measured is the built package in \`dist/\`. In each round every contender does the same work once, in random
order; a ratio is taken between two figures of the same round, and the tables show medians over the rounds, with the middle
half of them in parentheses. The rows marked noise are the baseline measured once more: how far they are from 1 (or 0) is what
this machine cannot tell apart. Absolute figures move with whatever else the machine does.

Tokens: HS512, about 500 characters, each handed in as a new string decoded from bytes, as a server gets it; keys are
prepared KeyObjects or what the peer prepares of the bytes. "Seen before" are 2,000 tokens in turn; fast-jwt's cache has room
for 10,000 as ours has. "Never seen" are 2,000 new ones a round. The bare calls return claims as they are: they know nothing of
sessions, expiry by activity, or revocation. jose is asynchronous and is awaited one at a time, its worst case.

Stores: 1,000 signed-in sessions with about 100 bytes of data; a Redis that keeps nothing on disk and a PostgreSQL with \`fsync\` on, both on 127.0.0.1 and
this machine's own two cores. Ours is \`get\`, reading or changing sessionData, and \`commit\`. The peers are driven as express-session drives
them with \`resave: false\`: \`get\` and \`touch\`, or \`get\` and \`set\`; they neither merge nor compare versions, and keep ids in clear. Commands (queries to PostgreSQL) are counted
apart from the timing, one request at a time. SqliteStore has no peer. It uses a file on this machine's disk
and the library in the table above, with the default \`durability\`; in the row \`power\` each commit waits until it is on the
disk.

HTTP: each server has a process of its own on 127.0.0.1 with the same two routes; 200 signed-in sessions come by cookie over
32 keep-alive connections from the measuring process. The handler reads the session and answers a small JSON; nothing is
changed, so no cookie is sent. CPU is \`process.cpuUsage()\` of the server, user and system, collection of
garbage included. sessions-jwt runs with a RevocationList; express-session with its MemoryStore, which is not meant for production.
The bare requests carry no cookie. The servers of all frameworks take their turns in the same rounds; each is compared with the bare server of its
framework. @fastify/session runs with its MemoryStore and \`rolling: false\`, so that it sends no cookie either; @fastify/secure-session,
koa-session, @hono/session and iron-session keep the session in the cookie.`;
}
