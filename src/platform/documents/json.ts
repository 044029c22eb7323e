/** JSON objects, merge patches of them (RFC 7396), and their limits. */
import { invalidField, type ProblemError } from '../http/index.ts';

/** A JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object. An `undefined` member is the same as a missing one. */
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined;
}

/** The limits of every document. */
export const LIMITS = {
  /** The bytes of all pointers and texts of a document in UTF-8. */
  bytes: 65_536,
  /** The number of values and of objects in it, without those in lists. */
  fields: 256,
  /** Objects within objects. */
  depth: 5,
} as const;

/** Returns whether a value is an object with members: neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Applies a merge patch: `null` removes a member, an object is merged, and any other value replaces the old one. */
export function mergePatch(target: JsonValue | undefined, patch: JsonObject): JsonObject {
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === undefined) merged.delete(name);
    else merged.set(name, isObject(value) ? mergePatch(merged.get(name), value) : value);
  }
  return Object.fromEntries(merged);
}

/**
 * Checks the parts of a patch that no store accepts, or that two stores would keep in two forms.
 * @throws {ProblemError} 400 that names the member.
 */
export function requireStorable(value: unknown, path: readonly string[] = []): void {
  const refuse = (message: string) => invalidField(path.length > 0 ? path.join('.') : 'body', message);
  if (path.length > 100) throw refuse('is too deep');
  if (typeof value === 'string' && !isStorableText(value)) {
    throw refuse('must not contain U+0000 or half of a surrogate pair');
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw refuse('must be a finite number');
  if (Array.isArray(value)) for (const [at, item] of value.entries()) requireStorable(item, [...path, String(at)]);
  if (!isObject(value)) return;
  for (const [name, item] of Object.entries(value)) {
    if (name === '__proto__' || !isStorableText(name)) throw refuse('has a member with a name that is not allowed');
    requireStorable(item, [...path, name]);
  }
}

function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Returns the problem of a document that would be larger than its limits. */
export function tooLarge(limit: keyof typeof LIMITS): ProblemError {
  const noun = { bytes: 'bytes', fields: 'values', depth: 'objects within objects' }[limit];
  return invalidField('body', `must not give the document more than ${LIMITS[limit]} ${noun}`);
}
