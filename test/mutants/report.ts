/** The report of a draw, as `docs/mutants.md` keeps it. */
import { EQUIVALENT } from './equivalent.ts';
import { describeChange, type Mutant, OTHERS, ROOMS } from './mutant.ts';
import type { Outcome, Result } from './results.ts';

/** The content of the report. */
export interface Draw {
  seed: string;
  mutants: readonly Mutant[];
  /** The number of all mutants. */
  of: number;
  budgetMs: number;
  /** Test files that were left out because they do not pass without a mutant. */
  broken: readonly string[];
  resultOf(mutant: Mutant): Result | undefined;
  sourceOf(file: string): string;
}

type Row = Record<'drawn' | 'excluded' | 'open' | Outcome, number>;

/** Counts a part of a draw. */
export function count(mutants: readonly Mutant[], resultOf: Draw['resultOf']): Row {
  const row: Row = { drawn: 0, killed: 0, survived: 0, 'timed out': 0, 'passed some': 0, excluded: 0, open: 0 };
  for (const mutant of mutants) {
    row.drawn += 1;
    row[EQUIVALENT[mutant.id] === undefined ? (resultOf(mutant)?.outcome ?? 'open') : 'excluded'] += 1;
  }
  return row;
}

/**
 * The share of mutants that were noticed, of those that ran and are not excluded, in percent. `–` if some have passed only
 * a part of their test files: the kills of a part say nothing about the share.
 */
export function shareOf({ killed, survived, 'timed out': timedOut, 'passed some': passedSome }: Row): string {
  const ran = killed + survived + timedOut;
  return ran === 0 || passedSome > 0 ? '–' : `${((100 * (killed + timedOut)) / ran).toFixed(1)} %`;
}

/** Writes the report. */
export function writeReport({ seed, mutants, of, budgetMs, broken, resultOf, sourceOf }: Draw): string {
  const rooms = [...ROOMS, OTHERS].map((room) => [room, mutants.filter((each) => each.room === room)] as const);
  const isPart = count(mutants, resultOf)['passed some'] > 0;
  const line = (name: string, part: readonly Mutant[]) => {
    const row = count(part, resultOf);
    const cells = [
      row.drawn,
      row.killed,
      row['timed out'],
      row.survived,
      row['passed some'],
      row.excluded,
      row.open,
      shareOf(row),
    ];
    if (isPart) cells[cells.length - 1] = '–';
    return `| ${[name, ...cells].join(' | ')} |`;
  };
  const survivors = mutants.filter(
    (each) => EQUIVALENT[each.id] === undefined && resultOf(each)?.outcome === 'survived',
  );
  const excluded = mutants.filter((each) => EQUIVALENT[each.id] !== undefined);
  const place = (mutant: Mutant) => `${mutant.file}:${mutant.start.line + 1}`;
  const change = (mutant: Mutant) => `\`\`\`diff\n${describeChange(sourceOf(mutant.file), mutant)}\n\`\`\``;
  const survivor = (mutant: Mutant) => {
    const result = resultOf(mutant);
    const ran = Object.keys(result?.passed ?? {}).length;
    const left = result?.left ? `; ${result.left} more reach it and were not run` : '';
    return `**${place(mutant)}** ${mutant.mutator} \`${mutant.id}\`, passed ${ran} test files${left}\n\n${change(mutant)}`;
  };
  return `# Mutants

These are the findings of the last \`npm run mutants\`. It draws small changes of the product by a seed, makes them one at a
time in a copy of the project, and runs the test files that reach the changed place until one fails. A change that no
test notices is a hole in the tests; [how it works](#how-it-works) is below.

Seed \`${seed}\`, ${mutants.length} mutants of ${of}.

| room | drawn | killed | timed out | survived | passed some | excluded | not run yet | noticed |
| --- | --: | --: | --: | --: | --: | --: | --: | --: |
${rooms.map(([room, part]) => line(room, part)).join('\n')}
${line('**all**', mutants)}

*noticed* is killed and timed out, of those that ran and are not excluded. *passed some* passed the test
files of a run with \`--tests\`, and the others that reach them have not run; with such mutants, no room has a share yet.
\`db\` is outbox and commit; *${OTHERS}* are all other files of \`src/\`.${broken.length === 0 ? '' : `\n\nLeft out, because they did not pass without a mutant: ${broken.join(', ')}.`}

## Survivors

${survivors.map(survivor).join('\n\n') || 'None.'}

## Excluded

${excluded.map((each) => `**${place(each)}** \`${each.id}\`: ${EQUIVALENT[each.id]}\n\n${change(each)}`).join('\n\n') || 'None.'}

## How it works

- Mutants of TypeScript come from \`@stryker-mutator/instrumenter\`, those of the Lua scripts from \`lua-mutants.ts\`. Texts for
  people are not mutated, because no test should hold them. Drawn are at least 30 of each room, and the rest of all files
  alike; the same seed draws the same mutants as long as their lines stay as they are.
- Which test files reach a mutant is measured once, in a copy in which Stryker counts every place. Quick ones that are
  about the room come first. When those that were run have taken ${Math.round(budgetMs / 1000)} s on their own, no further one is begun, and the
  mutant counts as survived; \`--budget\` changes that. Suites of \`edge\`, which run a bundle, are left out, so \`npm test\`
  notices a little more than is said here.
- A kill counts only if the same test file passes later in the same process, with another mutant or with none. A time
  limit, at least two minutes and five times what the file takes, counts as noticed only if the file passes in half of it
  without the mutant.
- Results are kept in \`.mutants/\` by the mutant, its file and the test file that noticed it, so a run that is stopped goes
  on where it was, and a new test is tried on what had survived.

| command | what it does |
| --- | --- |
| \`npm run mutants\` | the whole draw: some hours on one core |
| \`npm run mutants -- --sample 30\` | the first 30 of the draw, from all rooms |
| \`npm run mutants -- --seed 2 --draw 300 --workers 2\` | another draw, two at a time |
| \`npm run mutants -- --room cache --budget 600\` | those of one room, with ten minutes for each |
| \`npm run mutants -- --tests test/unit/\` | tries only these test files: about 2 s for each mutant |
| \`npm run mutants -- --report\` | only writes this page from what is kept |
`;
}
