import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { base64url, cli, compact, DAY, HOUR, NOW, reportOf, SECRET, storage, WITH_SECRET } from './support.js';

const KNOWN = { ...WITH_SECRET.env };
const token = storage()
  .create({ cart: ['tea'] })
  .setUser('u1', { name: 'Ada' })
  .forClient();

/** A header in which a byte is no UTF-8. */
const NO_UTF8 = Buffer.from('{"alg":"HS512","x":"\xff"}', 'latin1').toString('base64url');

/** Signed with the right secret, whatever it says. */
function signed(claims: object, header: object = {}): string {
  const base = { jti: 'id', created: NOW, luat: NOW, lmat: NOW };
  const full = { alg: 'HS512', typ: 'session+jwt', ...header };
  return jwt.sign(JSON.stringify({ ...base, ...claims }), SECRET, { algorithm: 'HS512', header: full });
}

/** The exit code and the last line of the report. */
async function lastLineOf(sid: string, args: readonly string[] = [], now = NOW): Promise<string> {
  const { code, stdout, stderr } = await cli(['inspect', sid, ...args], { env: KNOWN, now });
  expect(stderr).to.equal('');
  return `${code} ${stdout.trimEnd().split('\n').at(-1)}`;
}

describe('sessions-jwt inspect', () => {
  it('shows header, claims with the data, ages, expiry and verdict of a good token', async () => {
    const { code, stdout, stderr } = await cli(['inspect', token], { env: KNOWN, now: NOW + 3 * HOUR + 5 * 60_000 });
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.match(/^header\n {2}alg {10}"HS512"\n {2}typ {10}"session\+jwt"\nclaims\n/);
    expect(stdout).to.include('\n  sessionData  {"cart":["tea"]}\n');
    expect(stdout).to.include('\n  userData     {"name":"Ada"}\n');
    expect(stdout).to.include('\n  uid          "u1"\n');
    for (const name of ['created   ', 'lastAccess', 'lastUpdate']) {
      expect(stdout).to.include(`\n  ${name}   2023-11-14T22:13:20.000Z, 3 h 5 min ago\n`);
    }
    expect(stdout).to.include('\n  expires      2023-11-21T22:13:20.000Z, in 6 d 20 h, 7 d after its lastAccess\n');
    expect(stdout).to.match(/\nverified: signature, claims and expiry are valid .*\n$/);
  });

  it('reads the token from standard input for -, in pieces and with white space around it', async () => {
    const pieces = ['  ', token.slice(0, 20), Buffer.from(token.slice(20)), '\r\n\n'];
    expect(await cli(['inspect', '-'], { env: KNOWN, stdin: pieces })).to.deep.equal(
      await cli(['inspect', token], { env: KNOWN }),
    );
  });

  it('stops reading standard input that is longer than any token', async () => {
    let read = 0;
    function* endless(): Generator<string> {
      for (;;) {
        read += 1;
        yield 'x'.repeat(1000);
      }
    }
    const { code, stdout } = await cli(['inspect', '-'], { env: KNOWN, stdin: endless() });
    expect(code).to.equal(1);
    expect(stdout).to.include('(too_large)');
    expect(read).to.be.lessThan(100);
  });

  it('decodes without a secret, and says that this proves nothing', async () => {
    const { code, stdout } = await cli(['inspect', token]);
    expect(code).to.equal(0);
    expect(stdout)
      .to.include('"cart":["tea"]')
      .and.match(/\nnot verified: no secret given: set SESSION_SECRET, or use --secret-env or --secret-file\n$/);
  });

  it('never shows the signature or the secret', async () => {
    const [, , signature = ''] = token.split('.');
    for (const args of [[], ['--json'], ['--issuer', 'x'], ['--algorithm', 'HS256'], ['--time-to-live', '1']]) {
      const { stdout, stderr } = await cli(['inspect', token, ...args], { env: KNOWN, now: NOW + DAY });
      for (const hidden of [signature, SECRET, token]) expect(stdout + stderr).not.to.include(hidden);
    }
  });

  it('says which bound ended a session, and when', async () => {
    expect(await lastLineOf(token, [], NOW + 7 * DAY - 1)).to.match(/^0 verified: /);
    expect(await lastLineOf(token, [], NOW + 7 * DAY)).to.match(
      /^1 not verified: it expired 0 ms ago, 7 d after its lastAccess;/,
    );
    expect(await lastLineOf(token, [], NOW + 7 * DAY + HOUR)).to.match(/it expired 1 h ago.* \(idle\)$/);
    const late = NOW + 2 * HOUR;
    for (const [args, words] of [
      [
        ['--time-to-live', String(HOUR)],
        '1 h ago, 1 h after its lastAccess; its signature and claims are valid (idle)',
      ],
      [
        ['--idle-timeout', '60000'],
        '1 h 59 min ago, 1 min after its lastAccess; its signature and claims are valid (idle)',
      ],
      [
        ['--absolute-timeout', String(HOUR)],
        '1 h ago, 1 h after its created; its signature and claims are valid (absolute)',
      ],
      [
        ['--time-to-live', String(HOUR), '--ttl-type', 'lastUpdate'],
        '1 h ago, 1 h after its lastUpdate; its signature and claims are valid (update)',
      ],
    ] as const) {
      expect(await lastLineOf(token, args, late)).to.equal(`1 not verified: it expired ${words}`);
    }
  });

  it('heeds the exp of the token, which a longer time to live does not outlast', async () => {
    const args = ['--time-to-live', '0'];
    const { stdout } = await cli(['inspect', token, ...args], { env: KNOWN });
    expect(stdout).to.include('\n  expires      2023-11-21T22:13:20.000Z, in 7 d, at its exp claim\n');
    expect(await lastLineOf(token, args, NOW + 7 * DAY)).to.match(
      /^1 not verified: it expired 0 ms ago, at its exp claim/,
    );
  });

  it('heeds the bounds of the session itself', async () => {
    const own = signed({ life: { idleTimeout: HOUR } });
    expect(await lastLineOf(own, [], NOW + HOUR)).to.match(
      /^1 not verified: it expired 0 ms ago, 1 h after its lastAccess/,
    );
  });

  it('says of a session without bounds that it never expires', async () => {
    const { stdout } = await cli(['inspect', signed({}), '--time-to-live', '0'], { env: KNOWN });
    expect(stdout).to.include('\n  expires      never, with these options\n');
  });

  it('says why a token is refused', async () => {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const forNobody = signed({ aud: 'them' });
    for (const [sid, args, words] of [
      ['', [], 'no token was given (missing)'],
      ['  ', [], 'no token was given (missing)'],
      ['hunter2', [], 'it has 1 part; a token has 3, separated by dots (malformed)'],
      [`${token}.x`, [], 'it has 4 parts; a token has 3, separated by dots (malformed)'],
      [`.${payload}.`, [], 'its header or its payload is empty (malformed)'],
      [`${token}=`, [], 'it has characters that are not base64url (malformed)'],
      [`${header}.${payload}.x`, [], 'a part of it is truncated, or not canonical base64url (malformed)'],
      [compact('[]', '{}'), [], 'its header is not a JSON object (malformed)'],
      [`${NO_UTF8}.${payload}.${signature}`, [], 'its header is not a JSON object (malformed)'],
      [
        `${base64url('{"alg":"HS512","crit":["a"]}')}.${payload}.${signature}`,
        [],
        'its header has something that is not supported: crit (malformed)',
      ],
      [signed({}, { x5c: 'A'.repeat(500) }), [], 'its header is longer than 512 characters (malformed)'],
      [signed({}, { typ: 'at+jwt' }), [], 'its header has something that is not supported: typ "at+jwt" (malformed)'],
      [
        `${base64url('{"alg":"HS512","typ":"JWT"}')}.${base64url('text')}.${base64url('x'.repeat(64))}`,
        [],
        'its signature does not match: it was signed with another secret, or changed (bad_signature)',
      ],
      ['x'.repeat(16_385), [], 'it is longer than 16384 characters (too_large)'],
      [
        `${header}.${payload}.${base64url('x'.repeat(64))}`,
        [],
        'its signature does not match: it was signed with another secret, or changed (bad_signature)',
      ],
      [token, ['--algorithm', 'HS256'], 'its header has alg "HS512", expected "HS256" (--algorithm) (wrong_algorithm)'],
      [compact('{}', '{}'), [], 'its header has no alg, expected "HS512" (--algorithm) (wrong_algorithm)'],
      [token, ['--issuer', 'us'], 'it has no iss, expected "us" (--issuer) (wrong_issuer)'],
      [signed({ iss: 'them' }), ['--issuer', 'us'], 'it has iss "them", expected "us" (--issuer) (wrong_issuer)'],
      [forNobody, [], 'it has aud "them", expected none (--audience) (wrong_audience)'],
      [forNobody, ['--audience', 'us'], 'it has aud "them", expected "us" (--audience) (wrong_audience)'],
    ] as const) {
      expect(await lastLineOf(sid, args)).to.equal(`1 not verified: ${words}`);
    }
  });

  it('takes the tokens of the issuer and for the audience that are expected', async () => {
    const parties = { issuer: 'us', audience: 'you' };
    const sid = storage(parties).create({}).forClient();
    expect(await lastLineOf(sid, ['--issuer', 'us', '--audience', 'you'])).to.match(/^0 verified: /);
  });

  it('says which claims of a signed token are wrong', async () => {
    expect(await lastLineOf(signed({ uid: 7, luat: undefined, life: { idleTimeout: 0 } }))).to.match(
      /^1 not verified: its signature is valid, but its claims are not: luat must be .*; uid must be .*; life\.idleTimeout must be .* \(invalid_claims\)$/,
    );
    const ahead = signed({ luat: NOW + 5000 });
    expect(await lastLineOf(ahead)).to.include("luat must not be later than this machine's clock");
    expect(await lastLineOf(ahead, ['--clock-skew', '5000'])).to.match(/^0 verified: /);
  });

  it('judges unsigned tokens only as --algorithm none, without a secret, and says what they are worth', async () => {
    const unsigned = storage({ jwtSecret: undefined, jwtAlgorithm: 'none' }).create({}).forClient();
    expect(await lastLineOf(unsigned)).to.match(/\(wrong_algorithm\)$/);
    expect(await lastLineOf(unsigned, ['--algorithm', 'none'])).to.match(/^0 verified: unsigned, so anyone can have/);
    expect(await lastLineOf(unsigned, ['--algorithm', 'none'], NOW + 8 * DAY)).to.match(
      /; its claims are valid \(idle\)$/,
    );
    expect(await lastLineOf(`${unsigned}AAAA`, ['--algorithm', 'none'])).to.match(
      /has a signature.*\(bad_signature\)$/,
    );
    expect((await cli(['inspect', unsigned, '--algorithm', 'none', '--secret-env', 'X'])).code).to.equal(2);
  });

  it('does not let the content of a token steer the terminal', async () => {
    const hostile = 'a\u001b[2J\u009b31m\u007f\u202e\u2066\u200b\u2028\ufeff\u{e0041}\ud800\nclaims';
    const text = JSON.stringify(hostile);
    const sid = signed({ sessionData: { [hostile]: hostile }, [hostile]: hostile, iss: hostile });
    const forged = compact(`{"alg":${text},${text}:${text}}`, `{${text}:${text}}`);
    for (const args of [
      [sid],
      [sid, '--json'],
      [sid, '--issuer', 'us'],
      [sid, '--issuer', 'us', '--json'],
      [forged],
      [forged, '--json'],
    ]) {
      const { stdout } = await cli(['inspect', ...args], { env: KNOWN });
      expect(stdout.replaceAll('\n', '')).not.to.match(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(stdout.match(/^claims$/gm) ?? []).to.have.length(args.includes('--json') ? 0 : 1);
    }
    const { claims } = reportOf(await cli(['inspect', sid, '--json'], { env: KNOWN }));
    expect(claims).to.have.property(hostile, hostile);
  });

  it('shows no more than a remark of what is nested thousands of levels deep', async () => {
    const sid = compact('{"alg":"HS512"}', `{"jti":${'['.repeat(5000)}${']'.repeat(5000)}}`);
    for (const args of [[], ['--json']]) {
      const { code, stdout } = await cli(['inspect', sid, ...args]);
      expect(code).to.equal(0);
      expect(stdout).to.include('(nested too deeply to show)');
    }
  });

  it('shows what it can of instants beyond the calendar', async () => {
    const { code, stdout } = await cli(['inspect', signed({ exp: Number.MAX_SAFE_INTEGER }), '--time-to-live', '0'], {
      env: KNOWN,
    });
    expect(code).to.equal(0);
    expect(stdout).to.include('  expires      later than a Date can be, in ');
    const wild = compact('{"alg":"HS512"}', `{"created":${Number.MAX_SAFE_INTEGER},"luat":"x","lmat":-1}`);
    expect((await cli(['inspect', wild])).stdout).to.include('  created      later than a Date can be, in ');
  });

  it('refuses options that no storage would take', async () => {
    for (const args of [
      ['--algorithm', 'HS1'],
      ['--ttl-type', 'never'],
      ['--idle-timeout', '0'],
      ['--absolute-timeout', '-1'],
      ['--absolute-timeout=-1'],
      ['--time-to-live', '1 week'],
      ['--time-to-live', ''],
      ['--issuer', ''],
      ['--clock-skew', '300001'],
      ['another-token'],
    ]) {
      for (const env of [KNOWN, {}]) {
        const { code, stdout, stderr } = await cli(['inspect', token, ...args], { env });
        expect({ code, stdout }, args.join(' ')).to.deep.equal({ code: 2, stdout: '' });
        expect(stderr, args.join(' ')).to.match(/^sessions-jwt: .+\nusage:/);
      }
    }
    expect((await cli(['inspect'])).code).to.equal(2);
  });

  it('judges by the clock as it is once the token is there', async () => {
    let now = NOW - HOUR;
    function* late(): Generator<string> {
      now = NOW;
      yield token;
    }
    const { code, stdout } = await cli(['inspect', '-'], { env: KNOWN, stdin: late(), now: () => now });
    expect(code, stdout).to.equal(0);
  });
});

describe('sessions-jwt inspect --json', () => {
  it('prints one object in one line with all that the text has', async () => {
    const outcome = await cli(['inspect', token, '--json'], { env: KNOWN, now: NOW + HOUR });
    expect(outcome.code).to.equal(0);
    expect(outcome.stdout).to.match(/^\{.*\}\n$/);
    const { claims, explanation, ...rest } = reportOf(outcome);
    expect(rest).to.deep.equal({
      outcome: 'verified',
      reason: null,
      header: { alg: 'HS512', typ: 'session+jwt' },
      now: NOW + HOUR,
      ages: { created: HOUR, lastAccess: HOUR, lastUpdate: HOUR },
      expiry: { at: NOW + 7 * DAY, timeLeft: 7 * DAY - HOUR, by: 'idle' },
    });
    expect(claims).to.deep.include({ uid: 'u1', sessionData: { cart: ['tea'] }, userData: { name: 'Ada' } });
    expect(explanation).to.be.a('string').and.include('valid');
  });

  it('tells the outcomes apart', async () => {
    const world = { env: KNOWN, now: NOW };
    const past = { env: KNOWN, now: NOW + 8 * DAY };
    for (const [outcome, expected] of [
      [await cli(['inspect', token, '--json'], past), { code: 1, outcome: 'expired', reason: 'idle' }],
      [await cli(['inspect', 'x', '--json'], world), { code: 1, outcome: 'refused', reason: 'malformed' }],
      [await cli(['inspect', token, '--json']), { code: 0, outcome: 'unverified', reason: null }],
      [await cli(['inspect', 'x', '--json']), { code: 1, outcome: 'refused', reason: 'malformed' }],
    ] as const) {
      expect({ code: outcome.code, ...reportOf(outcome) }).to.deep.include(expected);
    }
  });

  it('writes null for what there is not', async () => {
    expect(reportOf(await cli(['inspect', 'x', '--json']))).to.deep.include({
      header: null,
      claims: null,
      ages: { created: null, lastAccess: null, lastUpdate: null },
      expiry: null,
    });
    const never = await cli(['inspect', signed({}), '--json', '--time-to-live', '0']);
    expect(reportOf(never)).to.have.property('expiry').that.deep.equals({ at: null, timeLeft: null, by: null });
  });

  it('leaves no time to a session that has expired', async () => {
    const { expiry } = reportOf(await cli(['inspect', token, '--json'], { env: KNOWN, now: NOW + 8 * DAY }));
    expect(expiry).to.deep.equal({ at: NOW + 7 * DAY, timeLeft: 0, by: 'idle' });
  });
});
