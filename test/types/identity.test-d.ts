/** Compiled, never run: what the compiler must take and refuse of identities. */
import { type Identity, IdentityVerifier, publicKeys } from '../../src/identity/index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

declare function holds<Fact extends true>(): Fact;
declare const address: URL;
declare const setting: string | undefined;

// With keys at once, with an address a promise, and either when it is not known.
const local: IdentityVerifier = new IdentityVerifier({ jwtSecret: 'x', issuer: 'shop' });
const remote: IdentityVerifier<string> = new IdentityVerifier({ jwks: 'https://a.example/', jwtAlgorithm: 'ES256' });
const given = new IdentityVerifier({ jwks: address, jwtAlgorithm: 'ES256' });
const either = new IdentityVerifier({ jwtSecret: setting, jwks: setting });
const fromSetting: IdentityVerifier = new IdentityVerifier({ jwtSecret: setting });
const identity: Identity = local.verify('token');
const promise: Promise<Identity> = remote.verify('token');
holds<Same<ReturnType<typeof given.verify>, Promise<Identity>>>();
holds<Same<ReturnType<typeof either.verify>, Identity | Promise<Identity>>>();
holds<Same<ReturnType<typeof fromSetting.verify>, Identity>>();

// @ts-expect-error a promise has no uid
remote.verify('token').uid;
// @ts-expect-error 'none' signs nothing
new IdentityVerifier({ jwtSecret: 'x', jwtAlgorithm: 'none' });
// @ts-expect-error misspelt
new IdentityVerifier({ jwtSecret: 'x', audiance: 'mail' });
// @ts-expect-error the algorithm must be named
publicKeys({ jwtSecret: 'x' });
// @ts-expect-error frozen
identity.uid = 'u2';
promise.then(({ uid }) => uid.length);
