import { SessionDataInvalid } from '../errors.js';
import { escaped } from '../lib/escaped.js';
import { cloneJson, copyAsJson } from '../lib/json.js';
import { spellPath } from '../lib/path.js';
import { hasMethods } from '../lib/strict-options.js';
import { isThenable } from '../lib/thenable.js';

/** The interface of a Standard Schema (zod, valibot, arktype and others); see standardschema.dev. */
export interface StandardSchema<Output, Input = Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** The result of validation: the value, or the issues. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One problem, and where it is. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The arguments of `create`: the data is optional if the schema accepts `{}`. */
export type Given<Input> = Record<never, never> extends Input ? [data?: Input] : [data: Input];

/** Validates and migrates one of a session's two data objects. */
export class DataSchema<Data> {
  readonly #name: string;
  readonly #schema: StandardSchema<Data, unknown> | undefined;
  readonly #migrate: ((old: unknown) => Data) | undefined;
  /** Whether the data of a new session may be empty. */
  readonly acceptsEmpty: boolean;

  /** @throws TypeError if the schema is asynchronous, or `migrate` is given without a schema */
  constructor(name: string, schema?: StandardSchema<Data, unknown>, migrate?: (old: unknown) => Data) {
    this.#name = name;
    this.#schema = schema;
    this.#migrate = migrate;
    if (migrate !== undefined && schema === undefined) {
      throw new TypeError(`migrate needs a ${name} schema, which tells the older shape from the present one`);
    }
    this.acceptsEmpty = schema === undefined || takesEmpty(name, schema);
  }

  get hasSchema(): boolean {
    return this.#schema !== undefined;
  }

  /** Returns a validated copy. @throws SessionDataInvalid that names the path */
  check(value: object): Data & object {
    const json = copyAsJson(value, this.#name);
    if (this.#schema === undefined) return declared(json);
    const result = resultOf(this.#name, this.#schema, json);
    if (result.issues === undefined) return copyAsJson(objectOf(result.value, this.#name), this.#name);
    const [first] = result.issues;
    throw new SessionDataInvalid(pathOf(this.#name, first?.path), escaped(first?.message ?? 'refused by its schema'));
  }

  /**
   * Returns data of a token or store in the schema's type, converted by `migrate` if necessary.
   * @throws SessionDataInvalid, or what the schema or `migrate` threw
   */
  load(json: object): { readonly data: Data & object; readonly migrated: boolean } {
    if (this.#schema === undefined) return { data: declared(json), migrated: false };
    try {
      return { data: this.check(json), migrated: false };
    } catch (error) {
      if (this.#migrate === undefined) throw error;
      return { data: this.check(objectOf(this.#migrate(cloneJson(json)), this.#name)), migrated: true };
    }
  }
}

/** Without a schema, the declared type of the application is trusted. This is the only place that does so. */
function declared<Data>(json: object): Data & object {
  return json as Data & object;
}

function resultOf<Data>(name: string, schema: StandardSchema<Data, unknown>, value: unknown): SchemaResult<Data> {
  return atOnce(name, schema['~standard'].validate(value));
}

function takesEmpty<Data>(name: string, schema: StandardSchema<Data, unknown>): boolean {
  let result: ReturnType<(typeof schema)['~standard']['validate']>;
  try {
    result = schema['~standard'].validate({});
  } catch {
    return false;
  }
  return atOnce(name, result).issues === undefined;
}

function atOnce<Data>(name: string, result: SchemaResult<Data> | Promise<SchemaResult<Data>>): SchemaResult<Data> {
  if (!isThenable(result)) return result;
  // If the Promise rejects, it must not end the process as an unhandled rejection.
  result.then(undefined, () => undefined);
  throw new TypeError(
    `the ${name} schema must be synchronous, and it returned a Promise: make asynchronous checks before you change the session`,
  );
}

function objectOf<Value>(value: Value, name: string): Value & object {
  if (typeof value === 'object' && value !== null) return value;
  throw new SessionDataInvalid(name, 'its schema or migrate gave something other than an object');
}

function pathOf(name: string, path: SchemaIssue['path'] = []): string {
  return spellPath([name, ...path.map((step) => (typeof step === 'object' ? step.key : step))]);
}

/** Whether a value is a zod schema or another Standard Schema. */
export function isSchema(value: unknown): value is object {
  return hasMethods(Reflect.get(Object(value), '~standard'), 'validate');
}
