/** `npm run mutants`: draws mutants, tries them, and writes `docs/mutants.md`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCoverers, keepPassed, measure, readCoverage } from './coverage.ts';
import { draw } from './draw.ts';
import { EQUIVALENT } from './equivalent.ts';
import { candidates, instrument } from './generate.ts';
import { digest, type Mutant } from './mutant.ts';
import { createRunner, HUNG } from './process.ts';
import { count, shareOf, writeReport } from './report.ts';
import { keepResults, type Result, readResults, stillKilled } from './results.ts';
import { readSources } from './sources.ts';
import { copyTree, productFiles, ROOT, testFiles } from './tree.ts';
import { type TrialServices, tryMutants } from './trial.ts';

const MOST_EQUIVALENT = 20;
const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    draw: { type: 'string', default: '300' },
    sample: { type: 'string' },
    workers: { type: 'string', default: '1' },
    nice: { type: 'string', default: '15' },
    budget: { type: 'string', default: '180' },
    room: { type: 'string', multiple: true },
    // Uses the coverage measured so far.
    measured: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    // Runs only the test files under these paths. A mutant that passes stays open for the others.
    tests: { type: 'string', multiple: true },
  },
});
const say = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
if (Object.keys(EQUIVALENT).length > MOST_EQUIVALENT)
  throw new Error(`More than ${MOST_EQUIVALENT} mutants are excluded`);
// All other work of the machine comes first.
setPriority(Number(options.nice));

const files = productFiles();
const texts = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
const sourceOf = (file: string) => texts.get(file) ?? '';
const hashes = new Map<string, string>();
const hashOf = (file: string) => {
  const known = hashes.get(file) ?? digest(texts.get(file) ?? readFileSync(join(ROOT, file), 'utf8'));
  hashes.set(file, known);
  return known;
};

say(`finding the mutants of ${files.length} files`);
const instrumented = await instrument(ROOT, files);
const all = candidates(ROOT, instrumented, files);
const mutants = draw(all, options.seed, Number(options.draw));
say(`seed ${options.seed}: ${mutants.length} mutants of ${all.length}`);
const isRun = (file: string) => options.tests?.some((path) => file.startsWith(path)) ?? true;
const coverage =
  options.measured || options.report ? readCoverage() : await measure(instrumented, testFiles().filter(isRun), say);
const coverers = createCoverers(coverage, instrumented, readSources(texts));
const results = readResults();
const isOpen = (mutant: Mutant) =>
  EQUIVALENT[mutant.id] === undefined && !stillKilled(results.get(mutant.id), hashOf(mutant.file), hashOf);
const resultOf = (mutant: Mutant): Result | undefined => {
  const result = results.get(mutant.id);
  return result?.source === hashOf(mutant.file) && (result.by === undefined || !isOpen(mutant)) ? result : undefined;
};

const broken: string[] = [];
if (!options.report) {
  const chosen = mutants.slice(0, Number(options.sample ?? mutants.length));
  const isReached = (mutant: Mutant) => !(options.measured || options.tests) || coverers.of(mutant).length > 0;
  const isAsked = ({ room }: Mutant) => options.room?.includes(room) ?? true;
  const queue = chosen.filter((mutant) => isOpen(mutant) && isAsked(mutant) && isReached(mutant));
  say(`${queue.length} to try`);
  if (queue.length > 0) await tryAll(queue);
}
const row = count(mutants, resultOf);
say(`${JSON.stringify(row)}, noticed: ${shareOf(row)}`);
const budgetMs = Number(options.budget) * 1_000;
const report = writeReport({ seed: options.seed, mutants, of: all.length, budgetMs, broken, resultOf, sourceOf });
writeFileSync(join(ROOT, 'docs/mutants.md'), report);
process.exit();

async function tryAll(queue: Mutant[]): Promise<void> {
  const workers = Array.from({ length: Number(options.workers) }, (_, at) => createRunner(copyTree(`worker-${at}`)));
  const [first] = workers;
  // A test file that failed in the instrumented tree may pass in this one.
  for (const [file, { passed, ms }] of Object.entries(coverage)) {
    if (passed || !first) continue;
    const report = options.measured ? HUNG : await first.run(file, Math.max(120_000, 5 * ms));
    if (report !== HUNG && report.passed) keepPassed(coverage, file);
    if (report === HUNG || !report.passed) {
      say(`left out: ${file}: ${report === HUNG ? 'does not end' : report.failure}`);
      broken.push(file);
    }
  }
  const services: Omit<TrialServices, 'runner'> = {
    coverers: { of: (mutant) => coverers.of(mutant).filter((file) => isRun(file) && !broken.includes(file)) },
    sourceOf,
    hashOf,
    durationOf: (file) => coverage[file]?.ms ?? 60_000,
    budgetMs: Number(options.budget) * 1_000,
    keep(all) {
      const kept = all.map(
        (each): Result => (options.tests && each.outcome === 'survived' ? { ...each, outcome: 'passed some' } : each),
      );
      keepResults(kept);
      for (const result of kept) results.set(result.id, result);
    },
    say,
  };
  const waiting = [...queue];
  const next = () => waiting.shift();
  const known = (mutant: Mutant) => results.get(mutant.id);
  const doubtful = (
    await Promise.all(workers.map((runner) => tryMutants({ ...services, runner }, next, known)))
  ).flat();
  // Once more, each in a fresh process.
  for (const mutant of doubtful) {
    if (first) await tryMutants({ ...services, runner: first }, queueOf(mutant), known);
  }
  await Promise.all(workers.map((runner) => runner.end()));
}

function queueOf(mutant: Mutant): () => Mutant | undefined {
  const one = [mutant];
  return () => one.pop();
}
