/** Which test files reach a mutant, measured once for each test file. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instrumented } from './generate.ts';
import { digest, type Mutant, type Position } from './mutant.ts';
import { createRunner, HUNG } from './process.ts';
import { CACHE, copyTree, ROOT } from './tree.ts';

/** Numbers of mutants in the instrumented tree. */
export interface Reached {
  /** Reached while files were loaded. */
  loaded: string[];
  /** Reached by tests and hooks. */
  run: string[];
}

/** The stored coverage of one test file: ids of mutants by product file. */
export interface TestCoverage {
  /** The digest of the measured test file. */
  hash: string;
  ms: number;
  passed: boolean;
  loaded: Record<string, string[]>;
  run: Record<string, string[]>;
}

/** The coverage of every test file. */
export type Coverage = Record<string, TestCoverage>;

const KEPT = join(CACHE, 'coverage.json');
/** The time limit of a test file, in ms. */
const LIMIT_MS = 900_000;

/** Reads the stored coverage. */
export function readCoverage(): Coverage {
  try {
    return JSON.parse(readFileSync(KEPT, 'utf8')) as Coverage;
  } catch {
    return {};
  }
}

/** Measures new and changed test files, and stores the result after each of them. */
export async function measure(
  instrumented: Instrumented,
  files: readonly string[],
  say: (line: string) => void,
): Promise<Coverage> {
  const known = readCoverage();
  const hashes = new Map(files.map((file) => [file, digest(readFileSync(join(ROOT, file), 'utf8'))]));
  const missing = files.filter((file) => known[file]?.hash !== hashes.get(file));
  const kept = (): Coverage => Object.fromEntries(files.flatMap((file) => (known[file] ? [[file, known[file]]] : [])));
  if (missing.length === 0) return kept();
  mkdirSync(CACHE, { recursive: true });
  const written = join(CACHE, 'reached.json');
  const tree = copyTree('instrumented', instrumented.files);
  const runner = createRunner(tree, { MUTANTS_COVERAGE: written });
  const byNumber = new Map(instrumented.mutants.map((each) => [instrumented.numbers.get(each.id), each]));
  const byFile = (numbers: readonly string[]) => {
    const mutants = numbers.flatMap((number) => byNumber.get(number) ?? []);
    const grouped = [...Map.groupBy(mutants, ({ file }) => file)];
    return Object.fromEntries(grouped.map(([file, own]) => [file, own.map(({ id }) => id)]));
  };
  for (const [at, file] of missing.entries()) {
    rmSync(written, { force: true });
    const report = await runner.run(file, LIMIT_MS);
    const reached = readReached(written);
    if (report === HUNG) {
      say(`coverage ${at + 1}/${missing.length} ${file}: not measured`);
      continue;
    }
    known[file] = {
      hash: hashes.get(file) ?? '',
      ms: report.ms,
      passed: report.passed,
      loaded: byFile(reached.loaded),
      run: byFile(reached.run),
    };
    writeFileSync(KEPT, JSON.stringify(known));
    const failure = report.passed ? '' : `, failed in the instrumented tree: ${report.failure}`;
    say(`coverage ${at + 1}/${missing.length} ${file}: ${report.ms} ms${failure}`);
  }
  await runner.end();
  return kept();
}

/** Stores that a test file passes in a tree that is not instrumented. */
export function keepPassed(coverage: Coverage, file: string): void {
  const measured = coverage[file];
  if (measured) measured.passed = true;
  writeFileSync(KEPT, JSON.stringify({ ...readCoverage(), ...(measured ? { [file]: measured } : {}) }));
}

function readReached(path: string): Reached {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Reached;
  } catch {
    return { loaded: [], run: [] };
  }
}

/** Questions about coverage. */
export interface Coverers {
  /** The test files that reach a mutant. Those that probably notice it soon come first. */
  of(mutant: Mutant): string[];
}

/** Answers from the stored coverage. */
export function createCoverers(coverage: Coverage, instrumented: Instrumented, sources: Sources): Coverers {
  const reachedRunning = indexOf(coverage, 'run');
  const reachedLoading = indexOf(coverage, 'loaded');
  const known = new Map(instrumented.mutants.map((mutant) => [mutant.id, mutant]));
  const byFile = Map.groupBy(known.values(), ({ file }) => file);

  /** The test files that run the innermost piece of code around a line of a function. */
  const aroundLine = (file: string, line: number): ReadonlySet<string> => {
    const around = (byFile.get(file) ?? []).filter(({ start, end }) => start.line <= line && end.line >= line);
    const [innermost] = around.toSorted((one, other) => sizeOf(one) - sizeOf(other));
    return (innermost && reachedRunning.get(innermost.id)) ?? new Set();
  };
  const ofScript = (mutant: Mutant): Set<string> => {
    const name = sources.declarationAt(mutant.file, mutant.start);
    return new Set(sources.usesOf(name).flatMap(({ file, line }) => [...aroundLine(file, line)]));
  };
  const ofFile = (file: string): Set<string> =>
    new Set((byFile.get(file) ?? []).flatMap(({ id }) => [...(reachedRunning.get(id) ?? [])]));

  return {
    of(mutant) {
      const isScript = mutant.mutator.startsWith('Lua');
      const running = isScript ? ofScript(mutant) : (reachedRunning.get(mutant.id) ?? new Set<string>());
      const found = new Set([...running, ...(reachedLoading.get(mutant.id) ?? [])]);
      // A mutant that was not measured, because its file has changed since, counts as reached by all tests of its file.
      if (found.size === 0 && (isScript || !isMeasured(mutant, coverage)))
        for (const file of ofFile(mutant.file)) found.add(file);
      const rank = (file: string) => rankOf(file, mutant, coverage[file], running.has(file), byFile);
      return [...found].toSorted((one, other) => rank(one) - rank(other));
    },
  };
}

/** Where names are declared and used in the product. */
export interface Sources {
  /** The top-level name in whose declaration a place is. */
  declarationAt(file: string, at: Position): string;
  /** The lines of functions that use a name, or use a name declared with it. */
  usesOf(name: string): { file: string; line: number }[];
}

function sizeOf({ start, end }: Mutant): number {
  return (end.line - start.line) * 1000 + end.column - start.column;
}

/** Whether any test has reached any of the current mutants of a file. */
function isMeasured({ file, id }: Mutant, coverage: Coverage): boolean {
  const all = Object.values(coverage);
  return all.some(({ run, loaded }) => run[file]?.includes(id) || loaded[file]?.includes(id));
}

function indexOf(coverage: Coverage, part: 'run' | 'loaded'): Map<string, Set<string>> {
  const index = new Map<string, Set<string>>();
  for (const [test, measured] of Object.entries(coverage)) {
    for (const id of Object.values(measured[part]).flat()) {
      const tests = index.get(id) ?? new Set();
      index.set(id, tests.add(test));
    }
  }
  return index;
}

/** Low for a test file that is quick, belongs to the room, and runs much of the file. */
function rankOf(
  test: string,
  { file, room }: Mutant,
  measured: TestCoverage | undefined,
  isRun: boolean,
  byFile: ReadonlyMap<string, Mutant[]>,
): number {
  const share = (measured?.run[file]?.length ?? 0) / (byFile.get(file)?.length ?? 1);
  const isNear = test.includes(`/${room}/`) || test.includes(`/${file.split('/').at(-2)}/`);
  return (((measured?.ms ?? 60_000) + 1_000) / (0.05 + share)) * (isNear ? 0.3 : 1) * (isRun ? 1 : 4);
}
