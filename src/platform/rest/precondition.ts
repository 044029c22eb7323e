/**
 * Conditional writes (RFC 9110, section 13): the caller says which state of a resource a write may change. The entity
 * checks the state when it holds the lock of the row, so of two writers with the same ETag one writes, and the other
 * one gets 412 with the new state.
 */
import { readHttpDate } from '../duration.ts';
import { etagOf, invalidField, ProblemError } from '../http/index.ts';
import type { Precondition } from '../outbox/index.ts';

const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/.source;
/** A list of entity tags (RFC 9110, section 8.8.3). Recipients accept empty elements (section 5.6.1.2). */
const TAG_LIST = new RegExp(`^[ \\t,]*${ENTITY_TAG}(?:[ \\t]*,[ \\t,]*(?:${ENTITY_TAG})?)*[ \\t]*$`);

/** The headers in the OpenAPI document. */
export const PRECONDITIONS = [
  {
    name: 'If-Match',
    in: 'header',
    description:
      'The ETags of the states that the write may change, or `*` for any state. In another state nothing is written, ' +
      'and the answer is 412 with the current state. An ETag that a proxy made weak (`W/`) is accepted.',
    schema: { type: 'string', example: '"2jmj7l5rSw0yVb_vlWAYkK_YBwk"' },
  },
  {
    name: 'If-None-Match',
    in: 'header',
    description: '`*`: the write is made only if the resource does not exist. ETags: only in another state.',
    schema: { type: 'string', example: '*' },
  },
  {
    name: 'If-Unmodified-Since',
    in: 'header',
    description:
      'The write is made only if `updatedAt` of the resource is not after this second. `If-Match` is more exact, and ' +
      'this header is ignored beside it.',
    schema: { type: 'string', example: 'Fri, 20 Nov 2026 09:30:00 GMT' },
  },
] as const;

/** The required state: each part is a header of the request. */
interface Required {
  match: Tags | null;
  noneMatch: Tags | null;
  /** In ms since the epoch. */
  unmodifiedSince: number | undefined;
}

/** Opaque tags with their quotes and without `W/`; `*` means any state of an existing resource. */
type Tags = '*' | ReadonlySet<string>;

/**
 * Reads the conditional headers of a write. Returns `null` if the request has none. A date that is not in the form of
 * HTTP is ignored (RFC 9110, section 13.1.4). `now` is the time in ms since the epoch.
 * @throws {ProblemError} 400 if a list of ETags is malformed.
 */
export function readPrecondition(
  header: (name: string) => string | undefined,
  row: { kind: string; id: string },
  now: number,
): Precondition | null {
  const required: Required = {
    match: readTags('if-match', header('if-match')),
    noneMatch: readTags('if-none-match', header('if-none-match')),
    unmodifiedSince: readHttpDate(header('if-unmodified-since')?.trim() ?? '', now),
  };
  const { match, noneMatch, unmodifiedSince } = required;
  if (match === null && noneMatch === null && unmodifiedSince === undefined) return null;
  return {
    ...row,
    checked: false,
    check(current) {
      this.checked = true;
      const etag = current && etagOf(JSON.stringify(current));
      const unmet = unmetHeader(required, current, etag);
      if (unmet === null) return;
      throw new ProblemError(412, 'PRECONDITION_FAILED', 'The resource is in another state than the request requires', {
        fields: [{ field: unmet, message: 'does not fit the current state' }],
        members: { current },
        headers: etag === null ? {} : { etag },
      });
    },
  };
}

/** Returns whether a write has a precondition about this row that must still be checked. */
export function isRequired(
  precondition: Precondition | null,
  { kind, id }: { kind: string; id: string },
): precondition is Precondition {
  return precondition?.kind === kind && precondition.id === id && !precondition.checked;
}

/** Returns the header whose condition the current state does not meet, in the order of RFC 9110, section 13.2.2. */
function unmetHeader(required: Required, current: object | null, etag: string | null): string | null {
  const { match, noneMatch, unmodifiedSince } = required;
  if (match !== null) {
    if (!includes(match, etag)) return 'if-match';
  } else if (unmodifiedSince !== undefined) {
    const { updatedAt } = (current ?? {}) as { updatedAt?: unknown };
    const modified = typeof updatedAt === 'string' ? Date.parse(updatedAt) : Number.NaN;
    // A date of HTTP has no parts of a second.
    if (Math.floor(modified / 1000) * 1000 > unmodifiedSince) return 'if-unmodified-since';
  }
  return noneMatch !== null && includes(noneMatch, etag) ? 'if-none-match' : null;
}

function includes(tags: Tags, etag: string | null): boolean {
  return etag !== null && (tags === '*' || tags.has(etag));
}

function readTags(name: string, value: string | undefined): Tags | null {
  if (value === undefined) return null;
  if (value.trim() === '*') return '*';
  if (!TAG_LIST.test(value)) {
    throw invalidField(name, 'must be * or ETags in quotes with commas between them, such as "2jmj7l5rSw0yVb"');
  }
  return new Set(value.match(/"[^"]*"/g));
}
