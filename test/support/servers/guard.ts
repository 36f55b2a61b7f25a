import { type ChildProcess, spawn } from 'node:child_process';

/** Waits for a line. Without one, this process has gone, however it ended, and the server must go too. */
const GUARD = 'read -r line || kill -9 "$1"';

/** Ends a server when this process ends without doing so: on Ctrl-C, or killed, when no handler of `exit` runs. */
export function endWithUs(server: ChildProcess): void {
  const guard = spawn('sh', ['-c', GUARD, 'guard', String(server.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // In a session of its own, where no Ctrl-C reaches it.
    detached: true,
  });
  server.once('exit', () => guard.stdin.end('gone\n'));
}
