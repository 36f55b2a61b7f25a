import semver from 'semver';
import { z } from 'zod';
import { type ConfigurationType, readValue } from './configuration-type.js';
import { staysInside } from './inside.js';
import type { Manifest } from './manifest-model.js';

/** Keys that are for people, and change nothing. */
const INFORMATIONAL = [
  '$schema',
  'bugs',
  'contributors',
  'homepage',
  'keywords',
  'private',
  'provides',
  'repository',
  'thumbnail',
];

const TYPES: Readonly<Record<string, ConfigurationType>> = {
  string: 'string',
  integer: 'integer',
  int: 'integer',
  number: 'number',
  boolean: 'boolean',
  bool: 'boolean',
  password: 'password',
  json: 'json',
};

const path = z.string().min(1).refine(staysInside, "must be a relative path inside the manifest's folder");
const serviceName = z.string().regex(/^[^\s:]+$/, 'must be a name without spaces and colons');
const range = z.string().refine((text) => semver.validRange(text) !== null, 'must be a semver range');
const type = z.enum(Object.keys(TYPES)).transform((name) => TYPES[name] ?? 'string');

const definition = z
  .strictObject({
    type: type.default('string'),
    description: z.string().optional(),
    default: z.unknown().optional(),
    required: z.boolean().default(true),
  })
  .superRefine((key, context) => {
    if (key.default === undefined) return;
    try {
      readValue(key.type, key.default, 'the default');
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      context.addIssue({ code: 'custom', path: ['default'], message });
    }
  });

const writtenOut = z.strictObject({
  name: serviceName,
  version: range.default('*'),
  required: z.boolean().default(true),
  description: z.string().optional(),
});

const dependency = z.preprocess((value) => {
  if (typeof value !== 'string') return value;
  const colon = value.indexOf(':');
  return colon === -1 ? { name: value } : { name: value.slice(0, colon), version: value.slice(colon + 1) };
}, writtenOut);

const controllers = z
  .record(z.string(), path)
  .refine(
    (modules) => Object.keys(modules).every((mount) => mount.startsWith('/')),
    'must be mounted at paths that start with "/"',
  );

const either = 'must be a path inside the folder, or an object of such paths';

const schema = z.object({
  name: serviceName,
  version: z.string().refine((text) => semver.valid(text) !== null, 'must be a semantic version'),
  description: z.string().optional(),
  license: z.string().optional(),
  author: z.string().optional(),
  engines: z.record(z.string(), z.string()).default({}),
  configuration: z.record(z.string(), definition).default({}),
  dependencies: z.record(z.string(), dependency).default({}),
  exports: z.union([path, z.record(z.string(), path)], either).optional(),
  controllers: z.preprocess((value) => (typeof value === 'string' ? { '/': value } : value), controllers.default({})),
  main: path.optional(),
  scripts: z.record(z.string(), path).default({}),
  tests: z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(z.string()).default([])),
});

export const manifestSchema: z.ZodType<Manifest> = schema;

/** All top-level keys that are read, or ignored without a warning. */
export const KNOWN_KEYS: ReadonlySet<string> = new Set([...Object.keys(schema.shape), ...INFORMATIONAL]);
