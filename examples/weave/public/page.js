import { connectSession } from '/sessions-jwt/index.js';

const live = connectSession({ url: '/live', csrf: { cookie: 'weave-csrf' } });

for (const button of document.querySelectorAll('[data-handler]')) {
  button.addEventListener('click', () => live.fetch(`/h/${button.dataset.handler}`, { method: 'POST' }));
}
