import type { Server } from 'node:http';

/** A server whose `GET /live` answers with a stream of server-sent events. */
export interface LiveServer {
  readonly server: Server;
  /** Cookie headers of so many signed-in sessions. Absent: streams need none. */
  cookies?(count: number): string[];
  /** Sends an event of about 200 bytes to every stream. */
  broadcast(): unknown;
  /** Ends every session, and so every stream. Resolves when that is done. Absent: there are no sessions. */
  end?(): Promise<unknown>;
}

export type LiveServers = Readonly<Record<string, () => Promise<LiveServer>>>;

/** Ends the text of each broadcast. Nothing else that a stream carries has it, so that clients can count events. */
export const MARK = '#';

/** The text of a broadcast: with its fields, an event has about 200 bytes. */
export const NEWS: string = 'x'.repeat(119) + MARK;

/** ms: no heartbeat comes between two measurements. */
export const NO_HEARTBEAT = 3_600_000;
