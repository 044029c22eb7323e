/**
 * The ETags of answers. An answer to a GET is remembered, so that the next GET of its address sends `If-None-Match`, and a
 * 304 costs no body. A row is remembered with its ETag, so that a write can send `If-Match` for exactly this row.
 */

/** An answer to a GET. */
export interface Remembered {
  etag: string;
  text: string;
  /** The media type. */
  type: string;
}

/** The memory of one client. */
export interface Etags {
  /** The remembered answer of an address. */
  of(address: string): Remembered | undefined;
  /** Remembers the answer of an address; the oldest answers are dropped. */
  remember(address: string, answer: Remembered): void;
  /** Notes the ETag of a row. */
  note(row: unknown, etag: string | null): void;
  /** Returns the ETag of a row. */
  etagOf(row: object): string | undefined;
  /**
   * Returns the value of `If-Match` for a row or an ETag.
   * @throws {TypeError} for a row whose ETag is not known: only rows that were read one by one, or written, have one.
   */
  condition(row: object | string): string;
  /** Forgets all answers, as after a change of the user. */
  clear(): void;
}

/** Creates a memory of at most `most` answers. */
export function createEtags(most: number): Etags {
  const answers = new Map<string, Remembered>();
  const rows = new WeakMap<object, string>();
  return {
    of: (address) => answers.get(address),
    remember(address, answer) {
      answers.delete(address);
      answers.set(address, answer);
      const [oldest] = answers.keys();
      if (answers.size > most && oldest !== undefined) answers.delete(oldest);
    },
    note(row, etag) {
      if (etag !== null && typeof row === 'object' && row !== null) rows.set(row, etag);
    },
    etagOf: (row) => rows.get(row),
    condition(row) {
      const etag = typeof row === 'string' ? row : rows.get(row);
      if (etag === undefined) throw new TypeError('ifMatch needs a row that get, create or update returned');
      return etag;
    },
    clear: () => answers.clear(),
  };
}
