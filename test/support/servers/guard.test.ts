import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect } from 'chai';

/** What a server does here: it keeps a connection to the test until it ends. */
const SERVER = "require('node:net').connect(Number(process.argv[1]), '127.0.0.1').on('close', () => process.exit())";

const STARTS = `
  import { ServerProcess } from ${JSON.stringify(new URL('./program.ts', import.meta.url).href)};
  const args = ['-e', ${JSON.stringify(SERVER)}, process.argv[1]];
  await ServerProcess.start({ file: process.execPath, args, answers: async () => undefined });
`;

describe('The servers of tests', function () {
  this.timeout(60_000);

  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    it(`end when the process that started them ends by ${signal}`, async () => {
      const listener = createServer().listen(0, '127.0.0.1');
      await once(listener, 'listening');
      const { port } = Object(listener.address());
      const args = ['--import', 'tsx/esm', '--input-type=module', '--eval', STARTS, String(port)];
      const starter = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
      const [server]: Socket[] = await once(listener, 'connection');
      try {
        starter.kill(signal);
        const [, by] = await once(starter, 'exit');
        expect(by).to.equal(signal);
        // A server that lives on keeps its connection, and the test fails by its timeout.
        if (server !== undefined && !server.closed) await once(server.resume(), 'close');
      } finally {
        server?.destroy();
        listener.close();
      }
    });
  }
});
