/**
 * The documents import `node:sqlite`, which Node 20 does not have. There, libsql takes its place.
 *
 * @module
 */
const LIBSQL = `data:text/javascript,${encodeURIComponent(
  `import { createRequire } from 'node:module';
export const DatabaseSync = createRequire(${JSON.stringify(import.meta.url)})('libsql');`,
)}`;

export async function resolve(specifier, context, next) {
  return specifier === 'node:sqlite' ? { url: LIBSQL, shortCircuit: true } : await next(specifier, context);
}
