import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect } from 'chai';
import * as errors from '../../src/errors.js';
import { ModuleFailed, NeedsConfiguration } from '../../src/foxx/errors.js';
import { IdentityInvalid, type IdentityReason } from '../../src/identity/errors.js';
import type { WarningCode } from '../../src/lib/warn.js';

/** Complete by its type: the compiler fails for a reason that is missing here. */
const NOT_FOUND: Readonly<Record<errors.NotFoundReason, true>> = {
  missing: true,
  malformed: true,
  too_large: true,
  bad_signature: true,
  wrong_algorithm: true,
  unknown_key: true,
  wrong_issuer: true,
  wrong_audience: true,
  invalid_claims: true,
  not_yet_valid: true,
  invalid_data: true,
  revoked: true,
  superseded: true,
  unknown: true,
};

const CSRF: Readonly<Record<errors.CsrfReason, true>> = {
  cross_origin: true,
  token_missing: true,
  token_malformed: true,
  token_invalid: true,
  token_stale: true,
};

const EXPIRED: Readonly<Record<errors.ExpiredReason, true>> = { idle: true, update: true, absolute: true };

/** Complete by its type. */
const IDENTITY: Readonly<Record<IdentityReason, true>> = {
  missing: true,
  malformed: true,
  too_large: true,
  bad_signature: true,
  wrong_algorithm: true,
  unknown_key: true,
  wrong_issuer: true,
  wrong_audience: true,
  invalid_claims: true,
  not_yet_valid: true,
  expired: true,
};

/** Complete by its type, too. */
const WARNINGS: Readonly<Record<WarningCode, true>> = {
  SESSIONS_COOKIE_READ: true,
  SESSIONS_COOKIE_TAKEN: true,
  SESSIONS_EPOCH_LOST: true,
  SESSIONS_LARGE_COOKIE: true,
  SESSIONS_LISTENER_FAILED: true,
  SESSIONS_LOG_UNREAD: true,
  SESSIONS_LOST_WRITE: true,
  SESSIONS_NO_REVOCATIONS: true,
  SESSIONS_PREFIX_DROPPED: true,
  SESSIONS_PROCESS_LOCAL: true,
  SESSIONS_RANDOM_SECRET: true,
  SESSIONS_SECURE_COOKIE_OVER_HTTP: true,
  SESSIONS_SHORT_SECRET: true,
  SESSIONS_SQLITE_FILE_SYSTEM: true,
  SESSIONS_STREAM_FAILED: true,
  SESSIONS_UNKNOWN_CONFIGURATION: true,
  SESSIONS_UNKNOWN_MANIFEST_KEY: true,
  SESSIONS_UNSIGNED: true,
};

const ERRORS: readonly errors.SessionError[] = [
  new errors.SessionNotFound(),
  new errors.SessionExpired(),
  new errors.CsrfRefused('cross_origin', 'a page of another origin sent it'),
  new errors.SessionEnded('revoked'),
  new errors.SessionHeadSent('setUser'),
  new errors.SessionDataInvalid('sessionData.a', 'JSON cannot represent a function'),
  new errors.SessionTooLarge('cookie', 5_000, 4_096),
  new errors.SessionAlreadyExists(),
  new errors.StoreUnavailable('the store failed'),
  new errors.StoreFull(100),
  new errors.RevocationsStale(40_000, 30_000),
  new errors.LogPositionLost(),
  new IdentityInvalid('expired'),
  new NeedsConfiguration('jwtSecret'),
  new ModuleFailed('/app/main.js', 'cannot be imported'),
];

describe('docs/errors.md', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

  /** The text below a heading, up to the next one; '' if there is no such heading. */
  const sectionOf = (heading: string): string =>
    new RegExp(`^##+ ${heading}\\n\\n(.+?)(?=\\n##|$(?![^]))`, 'ms').exec(page)?.[1] ?? '';
  const headings = (level: string): string[] =>
    [...page.matchAll(new RegExp(`^${level} ([A-Z_]+)$`, 'gm'))].map(([, name = '']) => name);
  const reasonsOf = (heading: string): string[] =>
    [...sectionOf(heading).matchAll(/^\| `(\w+)` \|/gm)].map(([, reason = '']) => reason);

  it('has a heading for each code, in the order of its table', () => {
    expect(headings('##')).to.deep.equal(ERRORS.map(({ code }) => code));
  });

  it('covers every error class', () => {
    const { SessionError, ...classes } = errors;
    const covered = ERRORS.map((error) => error.constructor);
    expect(SessionError).to.be.a('function');
    for (const [name, one] of Object.entries(classes)) expect(covered, name).to.include(one);
  });

  it('gives each code its class and status', () => {
    for (const { name, code, status } of ERRORS) {
      expect(sectionOf(code), code).to.match(new RegExp(`^\`${name}\`,[^.]* status ${status}[.,]`));
      expect(page).to.include(`| \`${name}\` | [\`${code}\`](#${code.toLowerCase()}) | ${status} |`);
    }
  });

  it('explains every reason of the errors that have one', () => {
    expect(reasonsOf('ERR_SESSION_NOT_FOUND')).to.have.members(Object.keys(NOT_FOUND));
    expect(reasonsOf('ERR_SESSION_EXPIRED')).to.have.members(Object.keys(EXPIRED));
    expect(reasonsOf('ERR_SESSION_IDENTITY_INVALID')).to.have.members(Object.keys(IDENTITY));
    expect(reasonsOf('EBADCSRFTOKEN')).to.have.members(Object.keys(CSRF));
  });

  it('explains every warning', () => {
    expect(headings('###')).to.deep.equal(Object.keys(WARNINGS));
    for (const code of headings('###')) expect(sectionOf(code), code).not.to.equal('');
  });

  it('can be found from what Node prints: the class and the code', () => {
    for (const error of ERRORS) {
      expect(error.stack).to.match(new RegExp(`^${error.name}: `));
      expect(inspect(error)).to.include(`code: '${error.code}'`).and.to.include(`status: ${error.status}`);
    }
  });
});
