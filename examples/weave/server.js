import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { activateSessions, stream } from 'sessions-jwt/express';
import { weaveSessions } from 'sessions-jwt/weave';

const weave = weaveSessions({ csrfSecret: process.env.CSRF_SECRET, jwtSecret: process.env.JWT_SECRET });
const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const folder = (specifier) => dirname(fileURLToPath(import.meta.resolve(specifier)));

const app = express();
const sessions = activateSessions(weave.options);
app.use(sessions, sessions.checkCsrf);
app.use('/sessions-jwt', express.static(folder('sessions-jwt/client')));
app.use('/public', express.static(fileURLToPath(new URL('public', import.meta.url))));
app.all('/live', stream(weave.live));

const page = (title, body) => `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>${title}</title>
  <h1>${title}</h1>
  ${body}
  <p id="count">Nobody has counted yet.</p>
  <button data-handler="count">Count in all tabs</button>
  <ul id="activity"></ul>
  <button data-handler="activity">Show the activity of this session</button>
  <script type="module" src="/public/page.js"></script>
</html>`;

app.get('/', (req, res) => {
  const { identity } = weave.of(req);
  if (identity === undefined) return res.redirect('/sign-in');
  const who = `<p id="who">${escaped(identity.name)}, ${escaped(identity.role)}</p>`;
  res.send(page('Weave', `${who}<button data-handler="sign-out">Sign out</button>`));
});

app.get('/sign-in', (req, res) => {
  if (weave.of(req).identity !== undefined) return res.redirect('/');
  res.send(page('Sign in', '<button data-handler="sign-in">Sign in</button>'));
});

/** A handler, as in Weave: the page calls it, and what it sends comes over the stream. */
const handler = (name, handle) =>
  app.post(`/h/${name}`, async (req, res) => {
    await handle(weave.of(req));
    res.sendStatus(204);
  });

handler('sign-in', async (tab) => {
  await tab.setCookie(tab.signIn({ name: 'Weave', role: 'User' })); // after you have checked a password
  await tab.broadcastReload();
});

handler('sign-out', async (tab) => {
  await tab.setCookie(tab.signOut());
  await tab.broadcastPath('/sign-in');
});

handler('cookie', async (tab) => {
  await tab.setCookie('mycookie=value; Path=/; Max-Age=86400; HttpOnly');
});

handler('count', async (tab) => {
  const count = (tab.session.sessionData.count ?? 0) + 1;
  tab.session.sessionData.count = count;
  await tab.broadcastHtml(`<p id="count">Counted to ${count}.</p>`);
});

handler('activity', async (tab) => {
  const tabs = Object.entries(await weave.sessionActivity(tab.session.lineage));
  const items = tabs.map(([instance, at]) => `<li>${instance}: ${new Date(at).toISOString()}</li>`);
  await tab.pushHtml(`<ul id="activity">${items.join('')}</ul>`);
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
