/**
 * The names of the model. Readers are R0, R1 and writers W0, W1; a value is the set of writes it contains, `<W0W1>`, so
 * that "older than an acknowledged write" means "lacks the write" for every order of the writes. Swapping the names of
 * two readers, or of two writers, gives a state with the same behaviour: the explorer visits one of the two.
 */
import { scriptNameOf } from '../../support/script-names.ts';
import type { Request } from './program.ts';

/** A set of writes, as bits: 1 is W0, 2 is W1. */
export type Writes = number;

/** Writes as a cached value. */
export function toValue(writes: Writes): string {
  return `<${writes & 1 ? 'W0' : ''}${writes & 2 ? 'W1' : ''}>`;
}

export function fromValue(value: unknown): Writes {
  const text = String(value);
  if (!/^<(W0)?(W1)?>$/.test(text)) throw new Error(`Not a value of the model: ${text}`);
  return (text.includes('W0') ? 1 : 0) + (text.includes('W1') ? 2 : 0);
}

/** The code of an error of a loader that has seen these writes: an error, too, must not be older than a write. */
export function toCode(value: string): string {
  return `SEEN_${value.slice(1, -1)}`;
}

/** The value behind the code of an error; `null` for another code. */
export function fromCode(code: string | undefined): string | null {
  return code?.startsWith('SEEN_') ? `<${code.slice('SEEN_'.length)}>` : null;
}

/** The swapped names as bits: 1 the readers, 2 the writers. Swapping twice changes nothing. */
export type Swap = number;

/** A text of the model (contents, histories, labels) under swapped names. */
export function renamed(text: string, swap: Swap): string {
  if (swap === 0) return text;
  return text
    .replace(/([RW])([01])/g, (whole, kind: string, index: string) =>
      (kind === 'R' ? swap & 1 : swap & 2) ? `${kind}${index === '0' ? 1 : 0}` : whole,
    )
    .replaceAll(/(<|SEEN_)W1W0/g, '$1W0W1');
}

export function renamedWrites(writes: Writes, swap: Swap): Writes {
  return swap & 2 ? ((writes & 1) << 1) | ((writes & 2) >> 1) : writes;
}

/** The steps of the cache's scripts, by the name of the script. */
const STEPS: Readonly<Record<string, string>> = {
  'lease.acquire': 'lease',
  'lease.fill': 'fill',
  'lease.release': 'release',
  'lease.renew': 'renew',
  'versions.mark': 'mark',
  'versions.unmark': 'unmark',
  'versions.settle-and-store': 'settle and store',
  'versions.settle': 'settle',
  'versions.end-unless': 'end again',
};

/** The protocol step of a request. */
export function stepOf(request: Request): string {
  if (request.to === 'sql') return request.statement;
  if (request.to === 'clock') return 'go on';
  const [name = '', text = ''] = request.command;
  switch (name.toLowerCase()) {
    case 'mget':
      return request.command.some((key) => key.includes(':q:')) ? 'look up' : 'look after';
    case 'del':
      return 'forget';
    case 'unlink':
      return 'unlink';
    case 'scan':
      return 'scan';
    case 'eval': {
      const step = STEPS[scriptNameOf(text) ?? ''];
      if (step) return step;
    }
  }
  throw new Error(`The model knows no step ${name} ${text.slice(0, 200)}`);
}
