/**
 * Runs in every test file of the instrumented tree and writes which mutants the file has reached. Mutants reached while
 * files load are listed apart from those that tests and hooks reach.
 */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';
import type { Reached } from './coverage.ts';

type Counts = Record<string, number>;
interface Stryker {
  currentTestId?: string | undefined;
  mutantCoverage?: { static: Counts; perTest: Record<string, Counts> };
}
const shared = globalThis as { __stryker__?: Stryker };
shared.__stryker__ ??= {};
const stryker = shared.__stryker__;

beforeAll(() => {
  stryker.currentTestId = 'run';
});
afterAll(() => {
  const { mutantCoverage } = stryker;
  const reached: Reached = {
    loaded: Object.keys(mutantCoverage?.static ?? {}),
    run: Object.keys(mutantCoverage?.perTest['run'] ?? {}),
  };
  writeFileSync(process.env['MUTANTS_COVERAGE'] ?? '', JSON.stringify(reached));
});
