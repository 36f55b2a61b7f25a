import { z } from 'zod';

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

/** What processes tell one another, and not the streams. */
export type ControlEnvelope =
  | { readonly kind: 'ended'; readonly end: End }
  /** The session of the topic has this id now. */
  | { readonly kind: 'rotated'; readonly id: string }
  /** A stream of this tab was opened by this process. */
  | { readonly kind: 'moved'; readonly instance: string; readonly process: string };

/** What the processes send one another over the bus. */
export type Envelope = EventEnvelope | ControlEnvelope;

const ENVELOPE: z.ZodType<Envelope> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('event'),
    type: z.enum(['html', 'path', 'reload', 'cookie', 'message']),
    data: z.string().regex(/^[^\r\n\0]*$/),
    instance: z.string().optional(),
  }),
  z.object({ kind: z.literal('ended'), end: END }),
  z.object({ kind: z.literal('rotated'), id: z.string() }),
  z.object({ kind: z.literal('moved'), instance: z.string(), process: z.string() }),
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
