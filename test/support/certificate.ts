import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const DAY = 86_400_000;
/** Tags of ASN.1 DER (X.690). */
const [INTEGER, BIT_STRING, OBJECT, UTF8_STRING, UTC_TIME, SEQUENCE, SET, VERSION] = [2, 3, 6, 12, 23, 48, 49, 160];
/** 1.2.840.10045.4.3.2: ecdsa-with-SHA256. */
const ECDSA_SHA256 = Buffer.from('2a8648ce3d040302', 'hex');
/** 2.5.4.3: commonName. */
const COMMON_NAME = Buffer.from('550403', 'hex');

/** What a server over TLS needs. */
export interface Credentials {
  readonly key: string | Buffer;
  readonly cert: string;
}

/** A certificate that signs itself, valid from yesterday until tomorrow (RFC 5280 section 4.1). */
export function selfSigned(host: string): Credentials {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const now = Date.now();
  const algorithm = der(SEQUENCE, der(OBJECT, ECDSA_SHA256));
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, der(OBJECT, COMMON_NAME), der(UTF8_STRING, Buffer.from(host)))));
  const body = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.of(2))),
    der(INTEGER, Buffer.of(1, ...randomBytes(8))),
    algorithm,
    name,
    der(SEQUENCE, timeOf(now - DAY), timeOf(now + DAY)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const certificate = der(SEQUENCE, body, algorithm, der(BIT_STRING, Buffer.of(0), sign('sha256', body, privateKey)));
  const lines = certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return { key, cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` };
}

/** As `YYMMDDHHMMSSZ`. */
function timeOf(timestamp: number): Buffer {
  const text = new Date(timestamp).toISOString().replace(/\.\d+|[-:T]/g, '');
  return der(UTC_TIME, Buffer.from(text.slice(2)));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
