/** Texts that nearly equal a given text, and quite different ones: a parser of credentials must refuse them. */
import fc from 'fast-check';
import { anyText } from './any-text.ts';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const character = fc.oneof(
  fc.constantFrom(...BASE64URL),
  fc.constantFrom(...'.:~= +/;,"%\\\0\r\n\t', 'é', '０', '𝟏', '\u202e', '\ud800'),
);

type Mutate = (text: string, where: number, extra: string) => string;
const mutations: Record<string, Mutate> = {
  replaced: (text, at, extra) => text.slice(0, at) + extra + text.slice(at + 1),
  inserted: (text, at, extra) => text.slice(0, at) + extra + text.slice(at),
  removed: (text, at) => text.slice(0, at) + text.slice(at + 1),
  truncated: (text, at) => text.slice(0, at),
  beheaded: (text, at) => text.slice(at + 1),
  repeated: (text, at) => text.slice(0, at) + text,
  doubled: (text) => text + text,
  twice: (text) => `${text}.${text}`,
  padded: (text) => `${text}=`,
  spaced: (text, at) => (at % 2 ? ` ${text}` : `${text}\n`),
  quoted: (text) => `"${text}"`,
  upper: (text) => text.toUpperCase(),
  escaped: (text, at) => text.slice(0, at) + encodeURIComponent('.') + text.slice(at + 1),
  base64: (text) => text.replaceAll('-', '+').replaceAll('_', '/'),
  emptied: (text, at) => {
    const parts = text.split('.');
    return parts.with(at % parts.length, '').join('.');
  },
  swapped: (text, at) => {
    const parts = text.split('.');
    const [one, other] = [at % parts.length, (at + 1) % parts.length];
    return parts
      .with(one, parts[other] ?? '')
      .with(other, parts[one] ?? '')
      .join('.');
  },
  respelled: (text, at, extra) => {
    // Changes the last character of a part: the bytes stay the same if only unused bits differ.
    const parts = text.split('.');
    const index = at % parts.length;
    return parts.with(index, (parts[index] ?? '').slice(0, -1) + extra).join('.');
  },
  huge: (text, at) => text + BASE64URL.repeat(1 + (at % 50) * 100),
};

/** Texts that differ from `text`: mostly by one change, otherwise arbitrary. */
export function mutated(text: string): fc.Arbitrary<string> {
  const close = fc
    .tuple(fc.constantFrom(...Object.keys(mutations)), fc.nat(text.length), character)
    .map(([name, at, extra]) => mutations[name]?.(text, at, extra) ?? '');
  const far = fc.oneof(fc.string(), anyText({ maxLength: 400 }));
  return fc.oneof({ weight: 9, arbitrary: close }, { weight: 1, arbitrary: far }).filter((each) => each !== text);
}
