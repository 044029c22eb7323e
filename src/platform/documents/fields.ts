/**
 * A document as the fields of a hash. The name of a field is the JSON pointer (RFC 6901) of a value, and its text is the
 * value in JSON. A list is one value. Each object within the document has a field of its own with the text `{}`, so an
 * empty object is kept, and a patch knows the fields that it writes without reading the document.
 */
import { type Guard, isListFrom, isOneOf, isText } from '../redis/index.ts';
import { isObject, type JsonObject, type JsonValue, LIMITS, tooLarge } from './json.ts';

/** The text of each object within a document. */
const OBJECT = '{}';

/** The fields of a document: JSON texts by their pointers. */
export type Fields = ReadonlyMap<string, string>;

/** One step of a patch in Redis: an object begins, a value is set, or a value and all below it are removed. */
export type Step = readonly [kind: 'object' | 'set' | 'remove', pointer: string, text: string];

/**
 * Returns the fields of a document.
 * @throws {ProblemError} 400 if it is larger than {@link LIMITS}.
 */
export function fieldsOf(value: JsonObject): Fields {
  const fields = new Map<string, string>();
  for (const [kind, pointer, text] of stepsOf(value)) if (kind !== 'remove') fields.set(pointer, text);
  requireSize(fields);
  return fields;
}

/**
 * Returns the steps of a merge patch.
 * @throws {ProblemError} 400 if it is deeper than {@link LIMITS}.
 */
export function stepsOf(patch: JsonObject, above = '', depth = 1): Step[] {
  return Object.entries(patch).flatMap(([name, value]): Step[] => {
    const pointer = `${above}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (value === undefined || value === null) return [['remove', pointer, '']];
    if (!isObject(value)) return [['set', pointer, JSON.stringify(value)]];
    if (depth >= LIMITS.depth) throw tooLarge('depth');
    return [['object', pointer, OBJECT], ...stepsOf(value, pointer, depth + 1)];
  });
}

function requireSize(fields: Fields): void {
  if (fields.size > LIMITS.fields) throw tooLarge('fields');
  let bytes = 0;
  for (const [pointer, text] of fields) bytes += Buffer.byteLength(pointer) + Buffer.byteLength(text);
  if (bytes > LIMITS.bytes) throw tooLarge('bytes');
}

/**
 * Returns the document with these fields. Members are in the order of their names, so equal documents have equal texts
 * and equal ETags, from Redis and from PostgreSQL.
 * @throws {SyntaxError} if a text is not JSON.
 */
export function documentOf(fields: Fields): JsonObject {
  const root = new Map<string, Node>();
  for (const [pointer, text] of fields) {
    const names = pointer.slice(1).split('/').map(unescapeName);
    const last = names.pop() ?? '';
    let node: Map<string, Node> = root;
    for (const name of names) node = below(node, name);
    if (text === OBJECT) below(node, last);
    else node.set(last, JSON.parse(text) as JsonValue);
  }
  return built(root);
}

type Node = Map<string, Node> | JsonValue;

function below(node: Map<string, Node>, name: string): Map<string, Node> {
  const known = node.get(name);
  if (known instanceof Map) return known;
  const made = new Map<string, Node>();
  node.set(name, made);
  return made;
}

function built(node: Map<string, Node>): JsonObject {
  const members = [...node].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, item]) => [name, item instanceof Map ? built(item) : item]));
}

function unescapeName(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The difference of two documents, for a hash that has the first one. */
export interface Difference {
  removed: string[];
  /** Pointers and texts. */
  written: [string, string][];
}

/** Returns how the fields of one document become those of another one. */
export function differenceOf(before: Fields, after: Fields): Difference {
  return {
    removed: [...before.keys()].filter((pointer) => !after.has(pointer)),
    written: [...after].filter(([pointer, text]) => before.get(pointer) !== text),
  };
}

/** Returns whether a reply is this text and then fields and their texts, in turn. */
export function isFieldsAfter<const First extends string>(first: First): Guard<[First, ...string[]]> {
  const isList = isListFrom<[First], string>([isOneOf(first) as Guard<First>], isText);
  return (reply): reply is [First, ...string[]] => isList(reply) && reply.length % 2 === 1;
}

/** Reads the fields of a reply: pointers and texts in turn. Fields that are no pointers are left out. */
export function fieldsOfReply(pairs: readonly string[]): Fields {
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const [pointer = '', text = ''] = [pairs[at], pairs[at + 1]];
    if (pointer.startsWith('/')) fields.set(pointer, text);
  }
  return fields;
}
