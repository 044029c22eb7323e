/**
 * JSON is UTF-8 (RFC 8259, section 8.1). Decoders of the runtime replace bytes of other encodings with U+FFFD, so a
 * name in Latin-1 would be stored damaged. This middleware refuses such a body.
 */
import type { MiddlewareHandler } from 'hono';
import { ProblemError } from './problem.ts';
import type { AppEnv } from './scope.ts';

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;
/** The names of encodings whose texts are UTF-8 too. */
const UTF8_NAMES = ['utf-8', 'utf8', 'us-ascii', 'ascii'];

/** Returns middleware that refuses a JSON body that is not UTF-8, and one that declares another encoding. */
export function utf8Body(): MiddlewareHandler<AppEnv> {
  return async function utf8Body(c, next) {
    const type = c.req.header('content-type') ?? '';
    if (!JSON_TYPE.test(type)) return next();
    const declared = CHARSET.exec(type)?.[1]?.toLowerCase();
    if (declared !== undefined && !UTF8_NAMES.includes(declared)) {
      throw malformed('content-type', 'must not declare another charset than utf-8');
    }
    // Hono keeps the bytes, so the validator does not read the request again.
    const bytes = await c.req.arrayBuffer();
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw malformed('body', 'is not UTF-8');
    }
    return next();
  };
}

function malformed(field: string, message: string): ProblemError {
  return new ProblemError(400, 'MALFORMED_BODY', 'The request body is not UTF-8, the encoding of JSON', {
    fields: [{ field, message }],
  });
}
