import { Readable, Writable } from 'node:stream';
import { expect } from 'chai';
import { dispatch } from '../../src/cli/dispatch.js';
import { systemClock } from '../../src/ports/clock.js';
import { documentAt, pages } from './documents.js';

/** `npx sessions-jwt <command>`, with the options that the same line gives it. */
const COMMAND = /npx sessions-jwt (\w+)([^\n#`)]*)/g;

async function helpOf(command: string): Promise<string> {
  let text = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const io = {
    args: [command, '--help'],
    env: {},
    stdin: Readable.from([]),
    stdout,
    stderr: stdout,
    clock: systemClock,
  };
  expect(await dispatch(io), text).to.equal(0);
  return text;
}

describe('The commands in the documents', () => {
  const documents = [documentAt('README.md'), documentAt('SECURITY.md'), ...pages()];
  const commands = documents.flatMap(({ path, text }) =>
    Array.from(text.matchAll(COMMAND), ([, name = '', rest = '']) => ({ path, name, rest })),
  );

  it('exist, with their options', async () => {
    expect(commands.length).to.be.greaterThan(5);
    for (const { path, name, rest } of commands) {
      const help = await helpOf(name);
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(help, path).to.include(option);
    }
  });
});
