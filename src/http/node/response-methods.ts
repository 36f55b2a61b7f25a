import type { ServerResponse } from 'node:http';

let known: ServerResponse | undefined;

/**
 * The methods of Node's responses. They are looked up when the first response is served: by then the application has loaded node:http. An `import`
 * would load it, and Node's WebSocket with it, in programs that serve nothing, and take longer than all of src/http.
 */
export function nodeResponse(): ServerResponse {
  known ??= process.getBuiltinModule('node:http').ServerResponse.prototype;
  return known;
}
