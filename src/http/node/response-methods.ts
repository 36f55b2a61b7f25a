import type { ServerResponse } from 'node:http';

/** The methods of Node's responses. An `import` of a value from node:http would also load Node's WebSocket, which takes longer than all of src/http. */
export const NODE_RESPONSE: ServerResponse = process.getBuiltinModule('node:http').ServerResponse.prototype;
