/** Checks PostgreSQL: the connection, the version, the clock, the migrations, the role. */
import { type DatabaseFacts, diagnose, type MigrationState } from '../../prisma/diagnose.ts';
import { clockFinding, type Finding, PATIENCE_MS, reasonOf, type Variables } from './finding.ts';

const OLDEST_VERSION = 150_000;

/** The cures of refused connections, by the SQLSTATE of PostgreSQL. */
const REFUSALS: Readonly<Record<string, readonly [text: string, cure: string]>> = {
  '28P01': ['refuses the password', 'Correct the user and the password in DATABASE_URL'],
  '28000': ['refuses the user', 'Correct the user in DATABASE_URL, or let this machine connect'],
  '3D000': ['has no such database', 'Correct the name in DATABASE_URL, or create the database'],
  '53300': ['has no free connection', 'Wait, or use the pooled connection string of the provider'],
};

/** Checks the database of `DATABASE_URL`. */
export async function checkPostgres({ DATABASE_URL: url }: Variables, now: () => number): Promise<Finding[]> {
  if (!url || !/^postgres(ql)?:\/\//.test(url)) return [];
  const began = now();
  try {
    const facts = await diagnose(url, PATIENCE_MS);
    const ended = now();
    return [
      { part: 'postgres', outcome: 'ok', text: `answers in ${ended - began} ms` },
      ...versionFinding(facts),
      clockFinding('postgres', facts.now, { began, ended }),
      ...migrationFindings(facts.migrations),
      ...roleFinding(facts),
    ];
  } catch (error) {
    const reason = reasonOf(error);
    const [text, cure] = REFUSALS[reason] ?? [`no answer (${reason})`, 'Check DATABASE_URL and the network'];
    return [{ part: 'postgres', outcome: 'failed', text, cure }];
  }
}

function versionFinding({ version }: DatabaseFacts): Finding[] {
  if (version >= OLDEST_VERSION) return [];
  const text = `is PostgreSQL ${Math.floor(version / 10_000)}`;
  return [{ part: 'postgres', outcome: 'failed', text, cure: 'Use PostgreSQL 15 or newer' }];
}

function migrationFindings({ pending, changed, unfinished, unknown }: MigrationState): Finding[] {
  const failed = (names: readonly string[], text: string, cure: string): Finding[] =>
    names.length === 0
      ? []
      : [{ part: 'postgres', outcome: 'failed', text: `${text}: ${names.length}, the first ${names[0]}`, cure }];
  const findings = [
    ...failed(
      unfinished,
      'migrations that have not finished',
      'Read the log of the migration; npx prisma migrate resolve',
    ),
    ...failed(changed, 'migrations whose files were changed later', 'Restore the files from the release'),
    ...failed(unknown, 'migrations that this code does not know', 'Deploy the code that belongs to this database'),
    ...failed(pending, 'missing migrations', 'npm run db:deploy'),
  ];
  return findings.length > 0 ? findings : [{ part: 'postgres', outcome: 'ok', text: 'every migration is applied' }];
}

function roleFinding({ canChangeTrail }: DatabaseFacts): Finding[] {
  if (canChangeTrail !== true) return [];
  return [
    {
      part: 'postgres',
      outcome: 'warning',
      text: 'the role of DATABASE_URL may change the audit trail',
      cure: 'npm run db:roles -- --apply, and let the app connect as the role that it creates',
    },
  ];
}
