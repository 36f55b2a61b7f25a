import { spawnSync } from 'node:child_process';

/** How a program ended. */
export interface Outcome {
  /** The exit code; 1 if the program could not be started or was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program and waits for it. Returns its output, or prints it with `show`. The program does not inherit variables that
 * change what Node does or prints; `env` adds others.
 */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly show?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): Outcome {
  const env = { ...process.env, ...options.env };
  for (const name of ['NODE_OPTIONS', 'NODE_V8_COVERAGE', 'FORCE_COLOR']) delete env[name];
  const result = spawnSync(command, args, {
    cwd: options.cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', options.show ? 'inherit' : 'pipe', options.show ? 'inherit' : 'pipe'],
  });
  return {
    code: result.status ?? 1,
    stdout: result.stdout ?? '',
    stderr: result.error ? String(result.error) : (result.stderr ?? ''),
  };
}
