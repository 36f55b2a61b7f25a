/**
 * A server with live sessions, one process of several. Answers commands of the process that started it, see `ClusterCommand`.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import express from 'express';
import { message } from '../../../src/live/index.js';
import { heldSid } from '../server-sessions.js';
import { openSite, type SharedSettings, type Site, type SiteSettings } from './sites.js';
import { Speaker } from './speaker.js';

/** The first argument, as JSON. */
export interface ProgramSettings extends SharedSettings {
  readonly sites: readonly SiteSettings[];
}

/** What a site is asked to do. */
export type ClusterCommand =
  /** Answered with the sid. */
  | { readonly kind: 'sign-in'; readonly uid: string }
  /** A message for all tabs of a user, or for one tab of a session. */
  | { readonly kind: 'send'; readonly to: { readonly uid: string } | TabName; readonly name: string }
  | { readonly kind: 'revoke'; readonly sid: string; readonly reason: string }
  /** Sends numbered messages to a user until `hush`. */
  | { readonly kind: 'speak'; readonly uid: string; readonly as: string }
  /** Answered with the number of the next message. */
  | { readonly kind: 'next' }
  /** Answered with the numbers that were acknowledged, when a last message was too. */
  | { readonly kind: 'hush' }
  /** Answered with the tabs of a session. */
  | { readonly kind: 'tabs'; readonly sid: string }
  /** Answered with when the session was last active. */
  | { readonly kind: 'last-activity'; readonly sid: string };

interface TabName {
  readonly sid: string;
  readonly instance: string;
}

/** A command on its way. */
export interface Asked {
  readonly id: number;
  readonly site: string;
  readonly command: ClusterCommand;
}

const settings: ProgramSettings = JSON.parse(process.argv[2] ?? '');
const sites = new Map<string, Site>();
const speakers = new Map<string, Speaker>();

process.on('disconnect', () => process.exit());
process.on('message', ({ id, site, command }: Asked) => {
  obey(site, command).then(
    (value) => process.send?.({ id, value }),
    (error: unknown) => process.send?.({ id, failure: String(Reflect.get(Object(error), 'code') ?? error) }),
  );
});

const app = express();
const opened = await Promise.all(settings.sites.map((site) => openSite(site, settings)));
for (const site of opened) {
  sites.set(site.name, site);
  app.use(`/${site.name}`, site.router);
}
const server = createServer(app).listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.(server.address());

async function obey(name: string, command: ClusterCommand): Promise<unknown> {
  const site = sites.get(name);
  if (site === undefined) throw new Error(`no site ${name}`);
  const { storage, live } = site;
  const sessionOf = async (sid: string) => await storage.get(sid, { touch: false });
  switch (command.kind) {
    case 'sign-in':
      return await heldSid(storage, {}, command.uid);
    case 'send': {
      const { to } = command;
      const target = 'uid' in to ? to : { ...namesOf(await sessionOf(to.sid)), instance: to.instance };
      return await live.send(target, message(command.name));
    }
    case 'revoke':
      return await storage.revoke({ sid: command.sid }, { reason: command.reason });
    case 'speak':
      speakers.set(name, new Speaker(live, command.uid, command.as));
      return undefined;
    case 'next':
      return speakers.get(name)?.next;
    case 'hush':
      return await speakers.get(name)?.hush();
    case 'tabs':
      return await live.tabs(await sessionOf(command.sid));
    case 'last-activity':
      return await live.lastActivity(await sessionOf(command.sid));
  }
}

function namesOf({ id, lineage }: { readonly id: string; readonly lineage: string }) {
  return { id, lineage };
}
