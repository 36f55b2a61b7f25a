import type { ServerResponse } from 'node:http';
import { hasMethods } from '../../lib/strict-options.js';
import type { NodeRequest } from '../node/exchange.js';

/** The request and response of `node:http` or `node:http2` behind a `Request`. */
export interface NodePair {
  readonly incoming: NodeRequest;
  readonly outgoing: ServerResponse;
}

/**
 * Finds them where servers on top of Node put them: `incoming` and `outgoing` of the handler's second argument
 * (@hono/node-server), or `runtime.node` of the request (srvx).
 */
export function nodePairOf(request: Request, given: unknown): NodePair | undefined {
  return pairOf(given, 'incoming', 'outgoing') ?? pairOf(property(property(request, 'runtime'), 'node'), 'req', 'res');
}

function pairOf(holder: unknown, first: string, second: string): NodePair | undefined {
  const incoming = property(holder, first);
  const outgoing = property(holder, second);
  return isIncoming(incoming) && isOutgoing(outgoing) ? { incoming, outgoing } : undefined;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function isIncoming(value: unknown): value is NodeRequest {
  return typeof property(value, 'headers') === 'object' && hasMethods(property(value, 'socket'), 'on');
}

function isOutgoing(value: unknown): value is ServerResponse {
  return hasMethods(value, 'once', 'writeHead', 'getHeader', 'end');
}
