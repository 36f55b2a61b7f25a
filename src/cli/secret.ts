import { randomBytes } from 'node:crypto';
import { type Command, OK, UsageError } from './command.js';
import { readOptions, readWhole } from './options.js';

/** What HS512 asks for (RFC 7518 section 3.2). */
const BYTES = 64;
/** What HS256 asks for: fewer serve no algorithm. */
const FEWEST = 32;
const MOST = 1024;

/** Prints a new secret. */
export const secret: Command = {
  name: 'secret',
  synopsis: 'secret [--bytes <number>]',
  summary: 'print a fresh strong secret',
  help: `Prints a new random secret and nothing else: 64 bytes as base64url text, which is
enough for every HS algorithm (RFC 7518 section 3.2).

  --bytes <number>   other than 64: ${FEWEST} to ${MOST}

Keep it out of shell history and version control, for instance:
  (umask 077; npx sessions-jwt secret > jwt-secret)
`,
  run({ args, stdout }) {
    const options = readOptions(args, { flags: [], values: ['bytes'] });
    if (options.positionals.length > 0) throw new UsageError('secret takes no arguments');
    const bytes = readWhole(options, 'bytes') ?? BYTES;
    if (bytes < FEWEST || bytes > MOST) throw new UsageError(`--bytes is ${FEWEST} to ${MOST}`);
    stdout.write(`${randomBytes(bytes).toString('base64url')}\n`);
    return OK;
  },
};
