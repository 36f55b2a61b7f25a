import { adapterCases } from '../support/adapter-cases.js';
import { fastifyApp } from '../support/fastify-app.js';

adapterCases(fastifyApp);
