/**
 * The destination in a request target such as `/v2/publish/https://example.com/hook?id=1`. The destination is the rest
 * of the target, unchanged: the `//` stays and no part is decoded. The query string stays too, except for QStash's own
 * parameters.
 */
import { RequestError } from './request-error.ts';

/** The destination of a message: one URL, or every endpoint of a URL group. */
export type Destination = { kind: 'url'; url: string } | { kind: 'topic'; name: string };

/** A destination, and the settings that the request sends as query parameters and not as headers. */
export interface Target {
  destination: Destination;
  settings: Record<string, string>;
}

const NAME = /^[\w.-]+$/;

/**
 * Extracts the destination from a raw target.
 *
 * @throws RequestError if the destination is neither an http(s) URL nor a name
 */
export function parseTarget(tail: string): Target {
  const [path = '', query] = splitOnce(tail, '?');
  const settings: Record<string, string> = {};
  const own: string[] = [];
  for (const parameter of query === undefined ? [] : query.split('&')) {
    const [name = '', value = ''] = splitOnce(parameter, '=');
    if (name === 'qstash_token') continue;
    if (name.toLowerCase().startsWith('upstash-')) settings[name.toLowerCase()] = decode(value.replaceAll('+', ' '));
    else own.push(parameter);
  }
  if (!/^https?:\/\//.test(path)) {
    if (!NAME.test(path)) throw new RequestError(400, `destination is neither an http(s) URL nor a name: ${path}`);
    return { destination: { kind: 'topic', name: path }, settings };
  }
  const url = own.length === 0 ? path : `${path}?${own.join('&')}`;
  return { destination: { kind: 'url', url: checkedUrl(url) }, settings };
}

/**
 * Checks a destination URL, and returns it unchanged.
 *
 * @throws RequestError if the URL is not an http(s) URL
 */
export function checkedUrl(url: string): string {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new RequestError(400, `invalid destination url: ${url}`);
  return url;
}

/**
 * Checks the name of a queue, a URL group or a schedule, which becomes part of a path, and returns it unchanged.
 *
 * @throws RequestError if the name is invalid
 */
export function checkedName(what: string, name: unknown): string {
  if (typeof name === 'string' && NAME.test(name)) return name;
  throw new RequestError(
    400,
    `invalid ${what}: only letters, digits, hyphens, periods and underscores, got ${String(name)}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RequestError(400, `invalid percent-encoding: ${text}`);
  }
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
