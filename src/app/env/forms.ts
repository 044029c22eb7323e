/**
 * The forms of variables. The message of each form is for an operator: it has the rule and an example, but never the
 * value.
 */
import { z } from 'zod';

/** Returns the message for a wrong or missing value. */
const told =
  (rule: string) =>
  ({ input }: { readonly input?: unknown }) =>
    input === undefined || input === '' ? `is missing; it ${rule}` : rule;

/** A URL, such as `example`. */
export const url = (example: string) =>
  z.url({ protocol: /^https?$/, error: told(`must be a URL, such as ${example}`) });

/** The origin of a URL, such as `example`. */
export const origin = (example: string) => url(example).transform((text) => new URL(text).origin);

/** A text of at least `least` characters. */
export function text(form: string, least = 1) {
  const error = told(`must be ${form}`);
  return z.string({ error }).min(least, { error });
}

/** A text that matches a pattern. */
export function matching(pattern: RegExp, rule: string) {
  const error = told(rule);
  return z.string({ error }).regex(pattern, { error });
}

/** A whole number from `from` to `to`. The default is `otherwise`, which the error message shows as an example. */
export function whole(from: number, otherwise: number, to?: number) {
  const range = to === undefined ? `of at least ${from}` : `from ${from} to ${to}`;
  const error = told(`must be a whole number ${range}, such as ${otherwise}`);
  const number = z.coerce.number({ error }).int({ error }).min(from, { error });
  return (to === undefined ? number : number.max(to, { error })).default(otherwise);
}

/** A number from 0 to 1. */
export function share(otherwise: number) {
  const error = told('must be a number from 0 to 1, such as 0.1');
  return emptyAsMissing(z.coerce.number({ error }).min(0, { error }).max(1, { error }).default(otherwise));
}

/** One of these texts. */
export const choice = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z.enum(values, { error: told(`must be ${values.join(' or ')}`) });

/** Secret keys with ids, so that keys can be rotated while values of older keys stay readable. */
export const keyRing = matching(
  /^[\w-]{1,32}:[A-Za-z0-9+/]{43}=(,[\w-]{1,32}:[A-Za-z0-9+/]{43}=)*$/,
  'must be keys id:base64 of 32 bytes each, separated by commas, such as k1: and the output of `openssl rand -base64 32`',
);

/** Items separated by commas. The default is no item. */
export const listOf = (form: string, item: z.ZodType<string, string>) =>
  z
    .string({ error: told(`must be ${form}`) })
    .default('')
    .transform((text) => itemsOf(text))
    .pipe(z.array(item));

/** E-mail addresses separated by commas. The default is no address. */
export function mailAddresses() {
  const form = 'e-mail addresses separated by commas, such as ops@example.com';
  return listOf(form, z.email({ error: told(`must be ${form}`) }));
}

/** Headers in the form `name=value,name=value` with percent-encoded values. The default is no header. */
export function headers() {
  const form = 'name=value,name=value with percent-encoded values, such as authorization=Bearer%20abc';
  const header = matching(/^[^=]+=([^%]|%[0-9a-f]{2})*$/i, `must be ${form}`);
  return listOf(form, header).transform((pairs) => Object.fromEntries(pairs.map(headerOf)));
}

/** Returns the name and the value of a header in the form `name=value`. */
function headerOf(pair: string) {
  const at = pair.indexOf('=');
  return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())] as const;
}

function itemsOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

/** A variable that may be missing or empty. */
export const optional = <Schema extends z.ZodType>(schema: Schema) => emptyAsMissing(schema.optional());

/** Treats an empty text as a missing variable, because deployment tools pass unset variables as empty texts. */
export const emptyAsMissing = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema);
