import type { Context, HonoRequest } from 'hono';

const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\s*(?:;|$)/i;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/**
 * The body of a request, if it is a form or JSON, and can be parsed. It is read through the caches of Hono, so that handlers can read it
 * again, by any of its methods.
 */
export async function parsedBody({ req }: Context): Promise<unknown> {
  const type = req.header('Content-Type') ?? '';
  try {
    if (FORM.test(type)) return await formOf(req, type);
    return JSON_TYPE.test(type) ? await req.json() : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** `req.parseBody` keeps one value of each name, and in older versions the options of its first call. `req.formData` loses the bytes. */
async function formOf(req: HonoRequest, type: string): Promise<FormData> {
  const { bodyCache } = req;
  bodyCache.formData ??= await new Response(await req.arrayBuffer(), { headers: { 'Content-Type': type } }).formData();
  return bodyCache.formData;
}
