/** A mutant is one small change of one file of the product, which a test should notice. */
import { createHash } from 'node:crypto';

/** A place in a file: lines and columns from 0. */
export interface Position {
  line: number;
  column: number;
}

/** One change of one file. */
export interface Mutant {
  /** A digest of the old text, the new text and the number of equal changes above it, so that moving lines keeps it. */
  id: string;
  /** Path from the root of the project. */
  file: string;
  room: string;
  /** The kind of change, e.g. `EqualityOperator`. */
  mutator: string;
  start: Position;
  end: Position;
  replacement: string;
}

/** The rooms with at least {@link LEAST_OF_A_ROOM} mutants each, those with the strongest guarantees first. */
export const ROOMS = ['cache', 'db', 'sessions', 'locks', 'jobs', 'limits', 'http'] as const;
/** The name for all other files of `src/`. */
export const OTHERS = 'others';
/** The least number of mutants drawn from each of the rooms. */
export const LEAST_OF_A_ROOM = 30;

/** The SHA-256 of a text, cut to 16 digits: enough to tell files and mutants apart. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** `src/platform/cache/read.ts` is in room `cache`. */
export function roomOf(file: string): string {
  return ROOMS.find((room) => file.startsWith(`src/platform/${room}/`)) ?? OTHERS;
}

/** Gives mutants their ids and rooms. */
export function nameMutants(
  file: string,
  source: string,
  bare: readonly Omit<Mutant, 'id' | 'room' | 'file'>[],
): Mutant[] {
  const seen = new Map<string, number>();
  const lines = source.split('\n');
  return bare.map((each) => {
    const line = lines[each.start.line] ?? '';
    const original = textBetween(source, each.start, each.end);
    const what = [file, each.mutator, line.trim(), original, each.replacement].join('\0');
    const nth = seen.get(what) ?? 0;
    seen.set(what, nth + 1);
    return { ...each, id: digest(`${what}\0${nth}`), file, room: roomOf(file) };
  });
}

/** The text of a range. */
export function textBetween(source: string, start: Position, end: Position): string {
  return source.slice(offsetOf(source, start), offsetOf(source, end));
}

/** The file with the change in it. */
export function applyMutant(source: string, { start, end, replacement }: Mutant): string {
  return source.slice(0, offsetOf(source, start)) + replacement + source.slice(offsetOf(source, end));
}

function offsetOf(source: string, { line, column }: Position): number {
  let offset = 0;
  for (let at = 0; at < line; at += 1) offset = source.indexOf('\n', offset) + 1;
  return offset + column;
}

/** The changed lines as a diff, for people. At most 12 lines of each side. */
export function describeChange(source: string, mutant: Mutant): string {
  const lines = source.split('\n');
  const { start, end } = mutant;
  const before = lines.slice(start.line, end.line + 1);
  const changed = applyMutant(source, mutant).split('\n');
  const after = changed.slice(start.line, changed.length - (lines.length - end.line - 1));
  const side = (sign: string, side: string[]) => [
    ...side.slice(0, 12).map((line) => `${sign} ${line}`),
    ...(side.length > 12 ? [`${sign} … ${side.length - 12} more lines`] : []),
  ];
  return [...side('-', before), ...side('+', after)].join('\n');
}
