import { BARE_LIVE } from './bare.js';
import type { LiveServers } from './live-server.js';
import { OUR_LIVE } from './ours.js';
import { LIVE_PEERS } from './peers.js';

/** Every server with streams, by name. */
export const LIVE_SERVERS: LiveServers = { ...BARE_LIVE, ...OUR_LIVE, ...LIVE_PEERS };
