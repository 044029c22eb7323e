/** Tries mutants one at a time: changes a file, runs the tests that reach the change until one fails, restores it. */
import type { Coverers } from './coverage.ts';
import { applyMutant, type Mutant } from './mutant.ts';
import { HUNG, type Runner } from './process.ts';
import type { Outcome, Result } from './results.ts';

/** The parts that a trial needs. */
export interface TrialServices {
  runner: Runner;
  coverers: Coverers;
  /** The text of a product file. */
  sourceOf(file: string): string;
  /** The digest of any file. */
  hashOf(file: string): string;
  /** How long a test file takes without a mutant, in ms. */
  durationOf(file: string): number;
  /** The time after which no further test file is started, in ms. */
  budgetMs: number;
  keep(results: readonly Result[]): void;
  say(line: string): void;
}

/** The limit of a run: a multiple of its time without a mutant, but at least this many ms. */
const SLOWER = 5;
const LEAST_LIMIT_MS = 120_000;
/** The number of mutants after which kills are confirmed and the process with its local cloud is replaced. */
const MUTANTS_OF_A_PROCESS = 25;

/**
 * Tries the mutants in order. A kill counts only if the same test file passes later in the same process: with another
 * mutant or, at the latest, without any. So neither a flaky test nor data that an earlier mutant left in the local
 * cloud counts as a kill.
 * @returns the mutants whose kills could not be confirmed.
 */
export async function tryMutants(
  services: TrialServices,
  queue: () => Mutant | undefined,
  known: (mutant: Mutant) => Result | undefined,
): Promise<Mutant[]> {
  const { runner, keep, say } = services;
  const unconfirmed = new Map<string, { mutant: Mutant; result: Result }[]>();
  const doubtful: Mutant[] = [];
  let tried = 0;

  const confirm = (file: string): void => {
    keep((unconfirmed.get(file) ?? []).map(({ result }) => result));
    unconfirmed.delete(file);
  };
  const doubt = (file: string): void => {
    say(`${file} fails without a mutant too`);
    doubtful.push(...(unconfirmed.get(file) ?? []).map(({ mutant }) => mutant));
    unconfirmed.delete(file);
  };
  const review = async (): Promise<void> => {
    for (const file of [...unconfirmed.keys()]) {
      const report = await runner.run(file, limitOf(services, file));
      if (report !== HUNG && report.passed) confirm(file);
      else doubt(file);
    }
    await runner.end();
  };

  for (let mutant = queue(); mutant; mutant = queue()) {
    await runner.start();
    const { starts } = runner;
    const result = await tryOne(services, mutant, known(mutant), confirm);
    if (result.by && result.outcome === 'killed') {
      const { file } = result.by;
      unconfirmed.set(file, [...(unconfirmed.get(file) ?? []), { mutant, result }]);
    } else keep([result]);
    say(`${result.outcome} ${mutant.file}:${mutant.start.line + 1} ${mutant.mutator} ${mutant.id} ${result.ms} ms`);
    tried += 1;
    if (tried % MUTANTS_OF_A_PROCESS === 0 || runner.starts > starts) await review();
  }
  await review();
  return doubtful;
}

async function tryOne(
  { runner, coverers, sourceOf, hashOf, durationOf, budgetMs, ...services }: TrialServices,
  mutant: Mutant,
  earlier: Result | undefined,
  passes: (file: string) => void,
): Promise<Result> {
  const source = sourceOf(mutant.file);
  const isSame = earlier?.source === hashOf(mutant.file);
  const passed: Record<string, string> = isSame ? { ...earlier.passed } : {};
  const files = coverers.of(mutant).filter((file) => passed[file] !== hashOf(file));
  const started = Date.now();
  const result = (outcome: Outcome, left: number, by?: Result['by']): Result => {
    const base = { id: mutant.id, source: hashOf(mutant.file), outcome, passed, left, ms: Date.now() - started };
    return by ? { ...base, by } : base;
  };
  let spentMs = 0;
  await runner.start();
  await runner.write(mutant.file, applyMutant(source, mutant));
  try {
    for (const [at, file] of files.entries()) {
      const costMs = durationOf(file);
      if (spentMs > 0 && spentMs + costMs > budgetMs) return result('survived', files.length - at);
      spentMs += costMs;
      const limitMs = limitOf({ durationOf }, file);
      const report = await runner.run(file, limitMs);
      if (report === HUNG) {
        await runner.write(mutant.file, source);
        const alone = await runner.run(file, limitMs / 2);
        if (alone !== HUNG && alone.passed) {
          return result('timed out', 0, { file, hash: hashOf(file), test: `not ended after ${limitMs} ms` });
        }
        services.say(`${file} did not end in time without a mutant either`);
        return result('survived', files.length - at);
      }
      if (!report.passed) return result('killed', 0, { file, hash: hashOf(file), test: report.failure });
      passes(file);
      passed[file] = hashOf(file);
    }
    return result('survived', 0);
  } finally {
    await runner.write(mutant.file, source);
  }
}

function limitOf({ durationOf }: Pick<TrialServices, 'durationOf'>, file: string): number {
  return Math.max(LEAST_LIMIT_MS, SLOWER * durationOf(file));
}
