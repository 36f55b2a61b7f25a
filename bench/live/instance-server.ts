/**
 * An instance with streams, in a process of its own: `instance-server.ts <bus> <url> <secret>`. Tells its port.
 *
 * @module
 */
import { createServer } from 'node:http';
import express from 'express';
import { listening } from '../http/servers.js';
import { BUSES, instanceOf } from './instance.js';
import { activateSessions, stream } from './packages.js';

const [, , name, url = '', secret = ''] = process.argv;
const bus = BUSES.find((one) => one === name);
if (bus === undefined) throw new Error(`no bus ${name}`);
const { sessionStorage, live } = await instanceOf(bus, url, secret);
const app = express();
app.use(activateSessions({ sessionStorage, cookie: true }));
app.get('/live', stream(live));
const address = (await listening(createServer(app))).address();

process.on('disconnect', () => process.exit());
process.send?.(typeof address === 'object' ? address?.port : undefined);
