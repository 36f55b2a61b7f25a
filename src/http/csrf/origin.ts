const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
/** Of applications that show web pages, such as `capacitor://localhost`. `URL` takes these for opaque. */
const OF_APPS = /^(?!https?:|file:)[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+(?::\d{1,5})?$/;

/** The origin of a host as browsers spell it (HTML, serialization of an origin); `undefined` if that is not a host. */
export function originOf(scheme: 'http' | 'https', host: string): string | undefined {
  if (!HOST.test(host)) return undefined;
  const url = `${scheme}://${host}`;
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

/** Why a text is no origin as browsers spell it: a clause for an error; `undefined` if it is one. */
export function problemOfOrigin(text: string): string | undefined {
  if (isOrigin(text)) return undefined;
  if (text === '*') return 'must name each origin: with *, every site could send requests with the cookie';
  if (text === 'null') return 'must not be null, which any site can send from a sandboxed frame';
  const spelt = URL.canParse(text) ? new URL(text).origin : 'null';
  const example = isOrigin(spelt) ? spelt : 'https://app.example';
  return `must be origins as browsers spell them, scheme://host[:port], such as ${JSON.stringify(example)}`;
}

function isOrigin(text: string): boolean {
  const [, scheme, host = ''] = /^(https?):\/\/(.+)$/.exec(text) ?? [];
  return scheme === 'http' || scheme === 'https' ? originOf(scheme, host) === text : OF_APPS.test(text);
}
