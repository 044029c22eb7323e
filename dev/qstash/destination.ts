/**
 * The destination in a request target such as `/v2/publish/https://example.com/hook?id=1`. It is the raw rest of the target:
 * the `//` stays, nothing is decoded, and its query string is QStash's own, minus the parameters meant for QStash.
 */
import { PublishError } from './message.ts';

/** A destination, and the settings that came as query parameters instead of headers. */
export interface Destination {
  url: string;
  settings: Record<string, string>;
}

/**
 * Cuts the destination out of a raw target.
 *
 * @throws PublishError when it is not an http(s) URL
 */
export function parseDestination(tail: string): Destination {
  const [path = '', query] = splitOnce(tail, '?');
  const settings: Record<string, string> = {};
  const own: string[] = [];
  for (const parameter of query === undefined ? [] : query.split('&')) {
    const [name = '', value = ''] = splitOnce(parameter, '=');
    if (name === 'qstash_token') continue;
    if (name.startsWith('upstash-')) settings[name] = decodeURIComponent(value.replaceAll('+', ' '));
    else own.push(parameter);
  }
  if (!/^https?:\/\//.test(path)) {
    throw new PublishError(`destination must be an http(s) URL (URL groups are not emulated yet): ${path}`);
  }
  if (!URL.canParse(path)) throw new PublishError(`invalid destination url: ${path}`);
  return { url: own.length === 0 ? path : `${path}?${own.join('&')}`, settings };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
