import { escaped } from './escaped.js';

/**
 * Where something is inside a value, for messages: `cookie.alsoClear[0].path`. Keys may be long or hold anything: a key that is
 * no identifier is quoted, and long keys and paths are cut.
 */
export function spellPath([root, ...keys]: readonly PropertyKey[]): string {
  return keys.reduce<string>(
    (path, key) => {
      if (path.length > 200) return path;
      if (typeof key === 'number') return `${path}[${key}]`;
      const name = String(key);
      return /^[A-Za-z_$][\w$]{0,63}$/.test(name)
        ? `${path}.${name}`
        : `${path}[${escaped(JSON.stringify(name.slice(0, 64)))}]`;
    },
    String(root ?? ''),
  );
}
