import { once } from 'node:events';
import { type Agent, type IncomingMessage, request as send } from 'node:http';
import { connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import type { AdapterRequest, AdapterResponse } from '../adapter-app.js';

/** Sends a request over HTTP/1.1. Rejects if the response is cut off. */
export async function askOverSocket(
  url: string,
  { method, path, headers }: AdapterRequest,
  agent?: Agent,
): Promise<AdapterResponse> {
  const outgoing = send(new URL(path, url), { method, headers: { ...headers }, ...(agent && { agent }) });
  outgoing.end();
  const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
  if (incoming === undefined) throw new Error('no response');
  const body = await buffer(incoming);
  const received = new Headers();
  const { rawHeaders, statusCode = 0 } = incoming;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) received.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '');
  return { status: statusCode, headers: received, body };
}

/** Sends a request whose header lines are these, as they are. Returns status and text of the whole response. */
export async function askRaw(
  url: string,
  method: string,
  path: string,
  lines: readonly string[],
): Promise<{ readonly status: number; readonly text: string }> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  const head = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', 'Content-Length: 0', ...lines];
  socket.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'));
  const received = await text(socket);
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1]), text: received };
}

/** Sends a request, and gives up on its response when `isTime` resolves. */
export async function abandon(
  url: string,
  { method, path, headers }: AdapterRequest,
  isTime: Promise<void>,
): Promise<void> {
  const outgoing = send(new URL(path, url), { method, headers: { ...headers } });
  outgoing.on('error', () => undefined);
  outgoing.end();
  await isTime;
  const closed = new Promise((resolve) => outgoing.once('close', resolve));
  outgoing.destroy();
  await closed;
}
