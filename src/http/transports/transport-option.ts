import type { z } from 'zod';

/** What names a cookie or a header may have (RFC 9110 section 5.6.2). */
export const TOKEN: RegExp = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Reads one transport's option strictly into a copy of its own, defaults filled in.
 *
 * @param option `true` for the defaults, a name, or an object
 * @throws TypeError naming the option, such as `cookie.path`
 */
export function readTransportOption<Schema extends z.ZodType>(
  label: string,
  schema: Schema,
  option: unknown,
): z.output<Schema> {
  const given = option === true ? {} : typeof option === 'string' ? { name: option } : option;
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = [label, ...(issue?.path ?? [])];
  if (issue?.code !== 'unrecognized_keys') throw new TypeError(`${spell(path)} ${issue?.message ?? 'is not valid'}`);
  throw new TypeError(`${spell([...path, ...issue.keys.slice(0, 1)])} is not an option`);
}

function spell([label, ...path]: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => text + (typeof part === 'number' ? `[${part}]` : `.${String(part)}`),
    String(label),
  );
}
