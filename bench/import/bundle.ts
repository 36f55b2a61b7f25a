import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const CONTENTS = `
import express from 'express';
import { SessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/express';
const app = express();
app.use(activateSessions({ sessionStorage: new SessionStorage({ jwtSecret: process.env.SECRET }), cookie: true }));
app.listen(3000);
`;

/** kB of a service with sessions in tokens on Express: what it uses of this package and its dependencies, minified, without Express. */
export async function bundleSize(): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: CONTENTS, resolveDir: fileURLToPath(new URL('../../', import.meta.url)) },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    external: ['express'],
    // Applications do not have the paths of this repository's tsconfig.json.
    tsconfigRaw: {},
    write: false,
  });
  return outputFiles.reduce((bytes, { contents }) => bytes + contents.length, 0) / 1000;
}
