import { createSecretKey } from 'node:crypto';
import { createSigner, createVerifier } from 'fast-jwt';
import { jwtVerify, SignJWT } from 'jose';
import jwt from 'jsonwebtoken';
import { do_not_optimize as sink } from 'mitata';
import type { Contender } from '../harness/paired-rounds.js';
import type { SampleData } from './sample-session.js';

/** The names of the contenders that ratios are taken to. */
export const BARE_VERIFY = 'jsonwebtoken verify';
export const BARE_SIGN = 'jsonwebtoken sign';
export const FAST_JWT_CACHED = 'fast-jwt, cache';

const ALGORITHM = 'HS512';
const CACHE_SIZE = 10_000;

/** The claims of a new session of ours, as somebody would put them together who uses the library bare. */
function claimsOf(sessionData: SampleData) {
  const now = Date.now();
  const iat = Math.floor(now / 1000);
  return {
    jti: 'AbCdEfGhIjKlMnOpQrStUvWx',
    iat,
    exp: iat + 604_800,
    sessionData,
    userData: {},
    created: now,
    luat: now,
    lmat: now,
  };
}

/** Verifying, by the best each library offers: a prepared key, one algorithm. */
export function verifiers(secret: Buffer): Contender<string>[] {
  const key = createSecretKey(secret);
  const options: jwt.VerifyOptions = { algorithms: [ALGORITHM] };
  const joseOptions = { algorithms: [ALGORITHM] };
  const bare = (name: string): Contender<string> => ({
    name,
    run: (tokens) => {
      for (const token of tokens) sink(jwt.verify(token, key, options));
    },
  });
  const fastJwt = (name: string, cache: number | false): Contender<string> => {
    const verify = createVerifier({ key: secret, algorithms: [ALGORITHM], cache });
    return {
      name,
      run: (tokens) => {
        for (const token of tokens) sink(verify(token));
      },
    };
  };
  return [
    bare(BARE_VERIFY),
    bare(`${BARE_VERIFY}, again (noise)`),
    fastJwt(FAST_JWT_CACHED, CACHE_SIZE),
    fastJwt('fast-jwt, no cache', false),
    {
      name: 'jose',
      run: async (tokens) => {
        for (const token of tokens) sink(await jwtVerify(token, key, joseOptions));
      },
    },
  ];
}

/** Signing, likewise. */
export function signers(secret: Buffer): Contender<SampleData>[] {
  const key = createSecretKey(secret);
  const options: jwt.SignOptions = { algorithm: ALGORITHM };
  const fastSign = createSigner({ key: secret, algorithm: ALGORITHM });
  const bare = (name: string): Contender<SampleData> => ({
    name,
    run: (inputs) => {
      for (const data of inputs) sink(jwt.sign(claimsOf(data), key, options));
    },
  });
  return [
    bare(BARE_SIGN),
    bare(`${BARE_SIGN}, again (noise)`),
    {
      name: 'fast-jwt',
      run: (inputs) => {
        for (const data of inputs) sink(fastSign(claimsOf(data)));
      },
    },
    {
      name: 'jose',
      run: async (inputs) => {
        for (const data of inputs) {
          sink(await new SignJWT(claimsOf(data)).setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' }).sign(key));
        }
      },
    },
  ];
}
