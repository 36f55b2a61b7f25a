import type { Clock } from '../ports/clock.js';
import type { Bounds } from '../session/expiry.js';
import type { Decoded } from './decode.js';
import { causeOf, type End, endFromClaims, instantsOf } from './lifespan.js';
import { distance, instant, json, showable } from './show.js';
import type { Verdict } from './verdict.js';

/** Everything that a report shows of a token. */
export interface Findings {
  readonly decoded: Decoded;
  readonly verdict: Verdict;
  readonly bounds: Bounds;
  readonly clock: Clock;
}

const NAME_WIDTH = 11;

/** The report as text. Its last line is the verdict. */
export function textReport({ decoded, verdict, bounds, clock }: Findings): string {
  const now = clock.now();
  const { outcome, reason, explanation } = verdict;
  const times = Object.entries(instantsOf(decoded.claims)).flatMap(([name, at]) =>
    at === undefined ? [] : [line(name, `${instant(at)}, ${distance(at, now)}`)],
  );
  const end = endFromClaims(decoded.claims, bounds);
  return [
    ...section('header', decoded.header),
    ...section('claims', decoded.claims),
    ...(times.length > 0 ? ['times', ...times] : []),
    ...(end === undefined ? [] : [line('expires', describe(end, now))]),
    `${outcome === 'verified' ? '' : 'not '}verified: ${explanation}${reason === undefined ? '' : ` (${reason})`}`,
    '',
  ].join('\n');
}

/** The report as one line of JSON. Times are ms timestamps; `null` means that there is none, or never. */
export function jsonReport({ decoded, verdict, bounds, clock }: Findings): string {
  const now = clock.now();
  const { created, lastAccess, lastUpdate } = instantsOf(decoded.claims);
  const end = endFromClaims(decoded.claims, bounds);
  const report = {
    outcome: verdict.outcome,
    reason: verdict.reason ?? null,
    explanation: verdict.explanation,
    header: copyOf(decoded.header),
    claims: copyOf(decoded.claims),
    now,
    ages: { created: ageOf(created, now), lastAccess: ageOf(lastAccess, now), lastUpdate: ageOf(lastUpdate, now) },
    expiry: end === undefined ? null : expiryReport(end, now),
  };
  return `${json(report)}\n`;
}

function section(title: string, content: Decoded['claims']): string[] {
  if (content === undefined) return [];
  return [title, ...Object.entries(content).map(([name, value]) => line(name, json(showable(value))))];
}

function line(name: string, text: string): string {
  return `  ${(/^\w+$/.test(name) ? name : json(name)).padEnd(NAME_WIDTH)}  ${text}`;
}

function describe(end: End, now: number): string {
  if (end.by === undefined) return 'never, with these options';
  return `${instant(end.at)}, ${distance(end.at, now)}, ${causeOf(end)}`;
}

function copyOf(content: Decoded['claims']): Record<string, unknown> | null {
  if (content === undefined) return null;
  return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, showable(value)]));
}

function ageOf(at: number | undefined, now: number): number | null {
  return at === undefined ? null : now - at;
}

function expiryReport({ at, by }: End, now: number): { at: number | null; timeLeft: number | null; by: string | null } {
  if (by === undefined) return { at: null, timeLeft: null, by: null };
  return { at, timeLeft: Math.max(0, at - now), by };
}
