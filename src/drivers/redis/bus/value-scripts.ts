import { type Script, script } from '../script.js';

/** value, life */
export const PUT: Script = script(`return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])`);

export const TAKE: Script = script(`return redis.call('GETDEL', KEYS[1])`);

export const READ: Script = script(`return redis.call('GET', KEYS[1])`);
