import { randomBytes } from 'node:crypto';
import express from 'express';
import { Service } from 'sessions-jwt/foxx';

const { SESSION_SECRET: jwtSecret = randomBytes(64).toString('base64url'), PORT: port = '8530' } = process.env;

const sessions = await Service.load(import.meta.resolve('sessions-jwt/manifest.json'), {
  configuration: { jwtSecret, timeToLive: 60 * 60 * 1000 },
});
const guestbook = await Service.load(new URL('./manifest.json', import.meta.url), {
  mount: '/guestbook',
  dependencies: { sessions },
});

const app = express();
app.use(express.json());
app.use(guestbook.mount, guestbook.router);

const server = app.listen(Number(port), '127.0.0.1', (error) => {
  if (error) throw error;
  const address = server.address();
  if (address !== null && typeof address === 'object') {
    console.log(`listening on http://127.0.0.1:${address.port}${guestbook.mount}`);
  }
});
