/** The outcomes of mutants, kept from run to run: one line each, and the last line of a mutant counts. */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './tree.ts';

/**
 * The outcome of a mutant. `timed out`: a test file exceeded its limit, and needs half of it without the mutant.
 * Both `killed` and `timed out` mean that `npm test` fails. `passed some`: the test files of `--tests` let the mutant pass,
 * and the others have not run.
 */
export type Outcome = 'killed' | 'timed out' | 'survived' | 'passed some';

export interface Result {
  id: string;
  /** Digest of the file that was changed. */
  source: string;
  outcome: Outcome;
  /** The test file that noticed, its digest, and the title of the test. */
  by?: { file: string; hash: string; test: string };
  /** The test files that let it pass, with their digests. */
  passed: Record<string, string>;
  /** How many more test files reach the mutant but were not run. */
  left: number;
  ms: number;
}

const KEPT = join(CACHE, 'results.jsonl');

/** Reads the results of all runs so far. */
export function readResults(): Map<string, Result> {
  try {
    const lines = readFileSync(KEPT, 'utf8').split('\n');
    const results = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Result);
    return new Map(results.map((result) => [result.id, result]));
  } catch {
    return new Map();
  }
}

/** Stores results. */
export function keepResults(results: readonly Result[]): void {
  mkdirSync(CACHE, { recursive: true });
  appendFileSync(KEPT, results.map((result) => `${JSON.stringify(result)}\n`).join(''));
}

/** Whether the result of an earlier run shows that the current tests notice the mutant. */
export function stillKilled(result: Result | undefined, source: string, hashOf: (file: string) => string): boolean {
  return result?.by !== undefined && result.source === source && hashOf(result.by.file) === result.by.hash;
}
