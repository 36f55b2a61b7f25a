#!/usr/bin/env node
import { systemClock } from '../ports/clock.js';
import { dispatch } from './dispatch.js';

// A reader that closes the pipe early, such as `head`, is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const { argv, env, stdin, stdout, stderr } = process;
dispatch({ args: argv.slice(2), env, stdin, stdout, stderr, clock: systemClock }).then((code) => {
  process.exitCode = code;
});
