import { Controller } from 'sessions-jwt/foxx';

/**
 * @typedef {{ greeting: string }} Configuration
 * @typedef {{ sessions: { sessionStorage: import('sessions-jwt').SessionStorage } }} Dependencies
 * @param {import('sessions-jwt/foxx').ApplicationContext<Configuration, Dependencies>} applicationContext
 */
export default (applicationContext) => {
  const { configuration, dependencies } = applicationContext;
  const controller = new Controller(applicationContext);

  controller.activateSessions({
    sessionStorage: dependencies.sessions.sessionStorage,
    cookie: true,
    // For clients without cookies. Leave it out if all clients are browsers: scripts can read a header.
    header: true,
  });

  controller.post('/sign-in', (request, response) => {
    const name = request.body?.name;
    if (typeof name !== 'string' || name === '') {
      response.status(400).json({ error: true, code: 400, errorMessage: 'send { "name": "..." }' });
      return;
    }
    // A real service verifies a password here.
    const { session } = request;
    session.setUser({ _id: `users/${name}`, userData: { name } });
    response.json({ uid: session.uid });
  });

  controller
    .get('/whoami', (request, response) => {
      const { uid, userData } = request.session;
      response.json({ uid, greeting: `${configuration.greeting}, ${userData['name']}!` });
    })
    .onlyIfAuthenticated();

  controller.post('/counter', (request, response) => {
    const { sessionData } = request.session;
    sessionData['counter'] = Number(sessionData['counter'] ?? 0) + 1;
    response.json({ counter: sessionData['counter'] });
  });

  controller.destroySession('/sign-out');
};
