import { LONGEST_TOKEN } from '../token/compact-form.js';
import { type Command, type CommandIo, NO, OK, UsageError } from './command.js';
import { decode } from './decode.js';
import { INSPECT_OPTIONS, judgeFor } from './inspect-options.js';
import { readOptions } from './options.js';
import { jsonReport, textReport } from './report.js';
import { refuseSecretArgument, SECRET_VARIABLE } from './secret-source.js';
import { verdictOn } from './verdict.js';

/** Longer than any token with white space around it. The rest of standard input is not read. */
const MOST_INPUT = 4 * LONGEST_TOKEN;

/** Shows the content of a token, and whether it opens a session. */
export const inspect: Command = {
  name: 'inspect',
  synopsis: 'inspect <token|-> [options]',
  summary: "decode and verify a session's token",
  help: `Shows the header, the claims, the ages and the expiry of a session's token, and
whether a storage with these options opens it. The claims include
session data and user data. The signature is not shown.
A token is a credential, and other users of the machine can read command lines:
use "-" to read the token from standard input.

The secret is read from the environment variable ${SECRET_VARIABLE}, or from
  --secret-env <name>       another environment variable
  --secret-file <path>      a file, without the newline at its end; also a PEM key
and never from the command line. Without a secret the token is only decoded.

The options of the storage (durations in ms):
  --algorithm <name>        default HS512
  --time-to-live <ms>       default 604800000 (one week); 0 = off
  --ttl-type <name>         lastAccess (default), lastUpdate, or created
  --idle-timeout <ms>       default: none
  --absolute-timeout <ms>   default: none
  --issuer <name>           default: any
  --audience <name>         default: none; tokens with an audience are refused
  --clock-skew <ms>         default 1000

  --json                    one JSON object instead of text

Revocation is not checked: only the application's RevocationList knows it.
exit code: 0 valid, or decoded without a secret; 1 not valid; 2 wrong usage
`,
  async run(io) {
    refuseSecretArgument(io.args);
    const options = readOptions(io.args, INSPECT_OPTIONS);
    const [source, ...more] = options.positionals;
    if (source === undefined || more.length > 0)
      throw new UsageError('inspect takes one token, or - to read it from standard input');
    const token = (source === '-' ? await readInput(io.stdin) : source).trim();
    // Read once, so that all checks agree; and after the token, which may have been made meanwhile.
    const now = io.clock.now();
    const judge = judgeFor(options, { ...io, clock: { now: () => now } });
    const decoded = decode(token);
    const verdict = verdictOn(token, decoded, judge);
    const { bounds, clock } = judge.settings;
    const report = options.flags.has('json') ? jsonReport : textReport;
    io.stdout.write(report({ decoded, verdict, bounds, clock }));
    return verdict.outcome === 'verified' || verdict.outcome === 'unverified' ? OK : NO;
  },
};

async function readInput(stdin: CommandIo['stdin']): Promise<string> {
  let text = '';
  for await (const chunk of stdin) {
    // A token is ASCII. Any other byte must only stay invalid.
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1');
    if (text.length > MOST_INPUT) break;
  }
  return text;
}
