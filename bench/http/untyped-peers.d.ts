// Peers without types of their own, as far as they are used here.

declare module 'cookie-session' {
  import type { RequestHandler } from 'express';

  export default function cookieSession(options: {
    readonly name: string;
    readonly keys: readonly string[];
  }): RequestHandler;
}
