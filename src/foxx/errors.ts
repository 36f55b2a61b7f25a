import { recognizeCopies } from '../copies.js';
import { SessionError } from '../errors.js';

const NEEDS_CONFIGURATION = 'ERR_FOXX_NEEDS_CONFIGURATION';

/** Which service needs configuration, and why. */
export interface NeedsConfigurationDetails {
  /** The service's name. The message has name and mount if it is given. */
  readonly service?: string | undefined;
  /** Where the service is mounted. Default `/`. */
  readonly mount?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The service does not run until these keys are set (`ERR_FOXX_NEEDS_CONFIGURATION`, status 500).
 *
 * A module throws it for a rule that a manifest cannot state ("required unless ..."): `throw new
 * NeedsConfiguration('jwtSecret')`. `Service.load` then resolves with a service whose `isConfigured` is false. Keys are
 * configuration keys, or `dependencies.<alias>`. Neither the message nor a property contains a value.
 */
export class NeedsConfiguration extends SessionError {
  static {
    recognizeCopies(NeedsConfiguration, 'NeedsConfiguration');
  }

  readonly keys: readonly string[];

  constructor(keys: string | readonly string[], { service, mount = '/', cause }: NeedsConfigurationDetails = {}) {
    const list = typeof keys === 'string' ? [keys] : [...keys];
    const subject = service === undefined ? '' : `service "${service}" at ${mount} `;
    super(NEEDS_CONFIGURATION, 500, `${subject}needs configuration: ${list.join(', ')}`, cause);
    this.keys = Object.freeze(list);
  }

  override get name(): string {
    return 'NeedsConfiguration';
  }
}

/**
 * A module of a service could not be imported, or threw when it was called (`ERR_FOXX_MODULE_FAILED`, status 500). The
 * message names the file. The reason is the `cause`; its text is not repeated, because it may quote a secret.
 */
export class ModuleFailed extends SessionError {
  static {
    recognizeCopies(ModuleFailed, 'ModuleFailed');
  }

  /** Absolute path of the module, or the name of the package. */
  readonly file: string;

  constructor(file: string, problem: string, cause?: unknown) {
    super('ERR_FOXX_MODULE_FAILED', 500, `${file}: ${problem}`, cause);
    this.file = file;
  }

  override get name(): string {
    return 'ModuleFailed';
  }
}

/** By its code: a module may throw an error of its own. */
export function isNeedsConfiguration(error: unknown): error is NeedsConfiguration {
  return error instanceof Error && 'code' in error && error.code === NEEDS_CONFIGURATION && 'keys' in error;
}
