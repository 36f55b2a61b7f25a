import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import type { AdapterActivation, AdapterApp, AdapterServer } from '../../../src/testing/index.js';
import { expressApp } from '../../support/adapter-apps/express.js';
import { pathOf, served } from '../../support/adapter-apps/ways.js';

/** What is wrong with an adapter. Each function changes what it is given. */
export interface Defect {
  readonly activation?: (activation: AdapterActivation) => Partial<AdapterActivation>;
  readonly options?: Partial<AdapterActivation['options']>;
  readonly app?: (app: AdapterApp) => Partial<AdapterApp>;
  /** Before the application sees a request. */
  readonly request?: (request: IncomingMessage, response: ServerResponse, errors: unknown[]) => void;
  /** Right before the head of a response is sent. */
  readonly head?: (response: ServerResponse, request: IncomingMessage) => void;
  /** The text of a response to a path. */
  readonly text?: (text: string, path: string) => string;
  /** Whether the part of a response is sent. */
  readonly keepsPart?: (part: number) => boolean;
  /** After the application saw a request. */
  readonly after?: (request: IncomingMessage, response: ServerResponse) => void;
}

/** An adapter with a defect, and the case that finds it. */
export interface BrokenAdapter {
  readonly that: string;
  /** Topic and title. */
  readonly failing: string;
  readonly defect: Defect;
}

export function broken(that: string, defect: Defect, ...failing: readonly string[]): BrokenAdapter[] {
  return failing.map((one) => ({ that, failing: one, defect }));
}

/** Serves an application in Express, with a defect. */
export async function serveBroken(app: AdapterApp, defect: Defect = {}): Promise<AdapterServer> {
  const activations = app.activations.map((one) => {
    const options = { ...one.options, ...defect.options };
    return { ...one, options, ...defect.activation?.({ ...one, options }) };
  });
  const errors: unknown[] = [];
  const built = expressApp(express, { ...app, activations, ...defect.app?.({ ...app, activations }) });
  return await served({
    errors: built.errors,
    listener(request, response) {
      defect.request?.(request, response, errors);
      spoil(request, response, defect);
      built.listener(request, response);
      defect.after?.(request, response);
    },
  }).then((server) => ({
    ...server,
    get errors() {
      return [...built.errors, ...errors];
    },
  }));
}

function spoil(request: IncomingMessage, response: ServerResponse, { head, text, keepsPart }: Defect): void {
  const { writeHead, write, end } = response;
  const path = pathOf(request.url);
  let part = 0;
  Object.assign(response, {
    writeHead(...given: readonly unknown[]) {
      head?.(response, request);
      const [status, ...others] = given;
      return Reflect.apply(writeHead, response, [head === undefined ? status : response.statusCode, ...others]);
    },
    write(...given: readonly unknown[]) {
      part += 1;
      return keepsPart === undefined || keepsPart(part) ? Reflect.apply(write, response, given) : true;
    },
    end(chunk?: unknown, ...others: readonly unknown[]) {
      if (text === undefined || !(typeof chunk === 'string' || Buffer.isBuffer(chunk)))
        return Reflect.apply(end, response, [chunk, ...others]);
      const changed = Buffer.from(text(chunk.toString(), path));
      if (!response.headersSent) response.setHeader('Content-Length', changed.length);
      return Reflect.apply(end, response, [changed]);
    },
  });
}
