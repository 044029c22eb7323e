/** All mutants of the product. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { luaMutants } from './lua-mutants.ts';
import { type Mutant, nameMutants, textBetween } from './mutant.ts';

/** A mutant as Stryker numbers it in the tree that it has instrumented. */
export interface Instrumented {
  /** The files with every mutant behind a switch, and with a counter at each place. */
  files: Map<string, string>;
  /** Stryker's number of each mutant, by our id. */
  numbers: Map<string, string>;
  mutants: Mutant[];
}

const silent = () => {};
const logger = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  ...{ trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent },
};

/** Finds the mutants of files of TypeScript. */
export async function instrument(root: string, files: readonly string[]): Promise<Instrumented> {
  const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const given = [...sources].map(([name, content]) => ({ name, content, mutate: true }));
  const result = await new Instrumenter(logger).instrument(given, {
    plugins: null,
    ignorers: [],
    excludedMutations: [],
  });
  const byFile = Map.groupBy(result.mutants, ({ fileName }) => fileName);
  const numbers = new Map<string, string>();
  const mutants: Mutant[] = [];
  for (const [file, own] of byFile) {
    const named = nameMutants(
      file,
      sources.get(file) ?? '',
      own.map(({ mutatorName, location, replacement }) => ({ mutator: mutatorName, ...location, replacement })),
    );
    for (const [at, mutant] of named.entries()) numbers.set(mutant.id, own[at]?.id ?? '');
    mutants.push(...named);
  }
  return { files: new Map(result.files.map(({ name, content }) => [name, content])), numbers, mutants };
}

/** All candidates: the mutants of Stryker, except those of texts for people, and the mutants of the Lua scripts. */
export function candidates(root: string, { mutants }: Instrumented, files: readonly string[]): Mutant[] {
  const source = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const isText = (mutant: Mutant) => {
    // A text with a space is a sentence for people or a whole script, whose parts are mutated one by one.
    const original = textBetween(source.get(mutant.file) ?? '', mutant.start, mutant.end);
    return mutant.mutator === 'StringLiteral' && /\s|^['"`]{2}$/.test(original);
  };
  const lua = files.flatMap((file) => luaMutants(file, source.get(file) ?? ''));
  return [...mutants.filter((mutant) => !isText(mutant)), ...lua];
}
