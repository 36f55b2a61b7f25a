import { LONGEST_TOKEN } from '../token/compact-form.js';
import { type Command, type CommandIo, NO, OK, UsageError } from './command.js';
import { decode } from './decode.js';
import { INSPECT_OPTIONS, judgeFor } from './inspect-options.js';
import { readOptions } from './options.js';
import { jsonReport, textReport } from './report.js';
import { refuseSecretArgument, SECRET_VARIABLE } from './secret-source.js';
import { verdictOn } from './verdict.js';

/** More than any token with white space around it; the rest of standard input is left alone. */
const MOST_INPUT = 4 * LONGEST_TOKEN;

/** Shows what a token says and whether it opens a session. */
export const inspect: Command = {
  name: 'inspect',
  synopsis: 'inspect <token|-> [options]',
  summary: "show a session's token, and whether it is good",
  help: `Shows the header, the claims, the ages and the expiry of a session's token, and
whether a storage with these options would open it, or why not. The claims are
shown whole: session data and user data too. The signature is not.
A token is a credential: give "-" to read it from standard input, which unlike
the command line is not shown to other users of the machine.

The secret is read from the environment variable ${SECRET_VARIABLE}, or from
  --secret-env <name>       another environment variable
  --secret-file <path>      a file, less one newline at its end; PEM keys work
and never from the command line. Without one the token is only decoded.

As the storage has them (durations in ms):
  --algorithm <name>        default HS512
  --time-to-live <ms>       default 604800000, one week; 0: no such bound
  --ttl-type <name>         lastAccess (default), lastUpdate, or created
  --idle-timeout <ms>       default: none
  --absolute-timeout <ms>   default: none
  --issuer <name>           default: any
  --audience <name>         default: none, then tokens for an audience are refused
  --clock-skew <ms>         default 1000

  --json                    one JSON object instead of text

Whether a session was revoked is known to its RevocationList, not here.
exit code: 0 good, or decoded when there is no secret; 1 not good; 2 wrong usage
`,
  async run(io) {
    refuseSecretArgument(io.args);
    const options = readOptions(io.args, INSPECT_OPTIONS);
    const [source, ...more] = options.positionals;
    if (source === undefined || more.length > 0)
      throw new UsageError('inspect takes one token, or - for standard input');
    const token = (source === '-' ? await readInput(io.stdin) : source).trim();
    // One instant for all that follows, and not before the token could have been made.
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
    // A token is ASCII: other bytes need only stay wrong.
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1');
    if (text.length > MOST_INPUT) break;
  }
  return text;
}
