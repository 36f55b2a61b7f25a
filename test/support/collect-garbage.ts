import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Frees all that nothing reaches any more. */
export const collectGarbage: () => void = runInNewContext('gc');
