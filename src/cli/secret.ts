import { randomBytes } from 'node:crypto';
import { type Command, OK, UsageError } from './command.js';
import { readOptions, readWhole } from './options.js';

/** The length that HS512 requires (RFC 7518 section 3.2). */
const BYTES = 64;
/** The length that HS256 requires: no algorithm accepts fewer. */
const FEWEST = 32;
const MOST = 1024;

/** Prints a new secret. */
export const secret: Command = {
  name: 'secret',
  synopsis: 'secret [--bytes <number>]',
  summary: 'print a new random secret',
  help: `Prints a new random secret: 64 bytes as base64url text, which is enough for every
HS algorithm (RFC 7518 section 3.2).

  --bytes <number>   ${FEWEST} to ${MOST}; default 64

Keep the secret out of shell history and version control, for example:
  (umask 077; npx sessions-jwt secret > jwt-secret)
`,
  run({ args, stdout }) {
    const options = readOptions(args, { flags: [], values: ['bytes'] });
    if (options.positionals.length > 0) throw new UsageError('secret takes no arguments');
    const bytes = readWhole(options, 'bytes') ?? BYTES;
    if (bytes < FEWEST || bytes > MOST) throw new UsageError(`--bytes must be from ${FEWEST} to ${MOST}`);
    stdout.write(`${randomBytes(bytes).toString('base64url')}\n`);
    return OK;
  },
};
