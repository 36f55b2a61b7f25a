import { z } from 'zod';
import type { Origin } from './place.js';

/** Which sessions have ended, as one process announces it to all. */
export interface End {
  readonly reason: string;
  readonly id?: string | undefined;
  readonly lineage?: string | undefined;
  readonly uid?: string | undefined;
  /** The lineage of the user's session that goes on. */
  readonly except?: string | undefined;
  /** Of all sessions of a user, or of everyone: those that began up to here. ms timestamp. */
  readonly before: number;
}

const END = z.object({
  reason: z.string(),
  id: z.string().optional(),
  lineage: z.string().optional(),
  uid: z.string().optional(),
  except: z.string().optional(),
  before: z.number(),
});

/** An event for streams. */
export interface EventEnvelope {
  readonly kind: 'event';
  readonly type: 'html' | 'path' | 'reload' | 'cookie' | 'message';
  /** In one line, as frames need it. */
  readonly data: string;
  /** The tab that it is for; absent: all of the topic's streams. */
  readonly instance?: string | undefined;
}

/** A tab came back, and has its stream elsewhere now. */
export interface Moved extends Origin {
  readonly kind: 'moved';
  readonly lineage: string;
  readonly instance: string;
}

/** What processes tell one another, and not the streams. `process` is the one that tells it. */
export type ControlEnvelope = { readonly process: string } & (
  | { readonly kind: 'ended'; readonly end: End }
  /** The session has this id now. */
  | { readonly kind: 'rotated'; readonly lineage: string; readonly id: string }
  | Moved
);

/** What the processes send one another over the bus. */
export type Envelope = EventEnvelope | ControlEnvelope;

const ENVELOPE: z.ZodType<Envelope> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('event'),
    type: z.enum(['html', 'path', 'reload', 'cookie', 'message']),
    data: z.string().regex(/^[^\r\n\0]*$/),
    instance: z.string().optional(),
  }),
  z.object({ kind: z.literal('ended'), process: z.string(), end: END }),
  z.object({ kind: z.literal('rotated'), process: z.string(), lineage: z.string(), id: z.string() }),
  z.object({
    kind: z.literal('moved'),
    process: z.string(),
    lineage: z.string(),
    instance: z.string(),
    page: z.string().optional(),
    previous: z.string().optional(),
  }),
]);

export function sealEnvelope(envelope: Envelope): string {
  return JSON.stringify(envelope);
}

/** `undefined` for what this version does not know. */
export function openEnvelope(body: string): Envelope | undefined {
  try {
    return ENVELOPE.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
