import type { z } from 'zod';

/**
 * Options after judging: defaults filled in, frozen, the caller's object neither kept nor changed.
 * @throws TypeError naming the option: unknown, of a wrong type, not finite, out of range
 */
export function strictOptions<Schema extends z.ZodObject>(
  what: string,
  schema: Schema,
  options: unknown,
): Readonly<z.output<Schema>> {
  const result = schema.safeParse(options ?? {});
  if (result.success) return Object.freeze(result.data);
  const { issues } = result.error;
  // A misspelt name explains what seems to be missing, so it comes first.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape).join(', ');
    throw new TypeError(`${what}: unknown option ${JSON.stringify(issue.keys[0])}; there are ${known}`);
  }
  const path = issue?.path.map(String).join('.') ?? '';
  throw new TypeError(`${what}: ${path === '' ? '' : `option ${path}: `}${issue?.message ?? 'refused'}`);
}

/** Whether `value` has all of these methods. */
export function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return names.every((name) => typeof Reflect.get(Object(value), name) === 'function');
}
