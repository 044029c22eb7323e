/**
 * The order of a deployment: settings, build, package, database, servers, upload, schedules. The database comes before
 * the code, because the new code needs the new schema, and the old code runs on it too. A dry run ends before the first
 * step that needs a network.
 */
import type { Finding } from '../cli/doctor/finding.ts';
import type { Migration } from '../prisma/migration-files.ts';
import { breakingMigrations } from './breaking.ts';

/** The steps of a platform. */
export interface Steps {
  /** Checks the settings. Without a network. */
  settings(): Promise<Finding[]>;
  /** Builds the bundles, and returns the id of the build. Without a network. */
  build(): Promise<string>;
  /** Packages the upload, and returns its place. Without a network. */
  package(): Promise<string>;
  /** Reads the migrations that the database lacks; `isNew` if it has none. */
  pending(): Promise<{ migrations: Migration[]; isNew: boolean }>;
  /** Applies the missing migrations, and returns their names. */
  migrate(): Promise<string[]>;
  /** Checks the servers that the deployment will use, and the secrets at the platform. */
  servers(): Promise<Finding[]>;
  /** Uploads, and returns the name of the version at the platform. */
  upload(build: string): Promise<string>;
  /** Lets QStash trigger the schedules; `undefined` if the platform does. */
  schedules?: (() => Promise<void>) | undefined;
  /** Checks that the app answers at its address. */
  app(): Promise<Finding[]>;
  /** The commands that bring back the version before. */
  readonly rollback: readonly string[];
}

/** The options of a deployment. */
export interface DeploymentOptions {
  readonly isDry: boolean;
  /** Applies migrations that break the release before. */
  readonly acceptsBreaking: boolean;
}

/**
 * - `SETTINGS`, `SERVERS`, `APP`: a check failed; its findings are printed.
 * - `BREAKING_MIGRATION`: a missing migration would break the release before.
 * - `TOOL`: a program ended with an error.
 */
export class DeploymentError extends Error {
  readonly code: 'SETTINGS' | 'SERVERS' | 'APP' | 'BREAKING_MIGRATION' | 'TOOL';

  constructor(code: DeploymentError['code'], message: string) {
    super(message);
    this.name = 'DeploymentError';
    this.code = code;
  }
}

/**
 * Deploys. The first step that fails ends the deployment.
 * @param say receives the lines for the operator.
 * @throws {DeploymentError} if a check or a program fails. Nothing is uploaded, unless the code is `APP`.
 */
export async function deploy(steps: Steps, options: DeploymentOptions, say: (line: string) => void): Promise<void> {
  const { isDry, acceptsBreaking } = options;
  check('SETTINGS', await steps.settings(), say);
  const build = await steps.build();
  say(`Built ${build}`);
  say(`Packaged ${await steps.package()}`);
  if (isDry) {
    const schedules = steps.schedules ? ', the schedules at QStash' : '';
    say(`Dry run: ends before the database, the upload${schedules} and the check of the app`);
    return;
  }
  const { migrations, isNew } = await steps.pending();
  const breaking = isNew || acceptsBreaking ? [] : breakingMigrations(migrations);
  if (breaking.length > 0) {
    for (const { name, statement } of breaking) say(`${name}: ${statement}`);
    const cure = 'If the release that runs does not use these any more, deploy with --breaking; see docs/deployment.md';
    throw new DeploymentError('BREAKING_MIGRATION', `These migrations break the release that runs. ${cure}`);
  }
  const applied = await steps.migrate();
  say(applied.length === 0 ? 'Every migration is applied' : `Migrations applied: ${applied.join(', ')}`);
  check('SERVERS', await steps.servers(), say);
  const version = await steps.upload(build);
  const back = `To roll back: ${steps.rollback.join('; ')}. Migrations stay; see docs/deployment.md`;
  say(`Deployed ${build} as version ${version}`);
  say(back);
  await steps.schedules?.();
  check('APP', await steps.app(), say);
}

function check(code: 'SETTINGS' | 'SERVERS' | 'APP', findings: readonly Finding[], say: (line: string) => void): void {
  for (const { part, outcome, text, cure } of findings) {
    if (outcome !== 'ok') say(`${outcome} ${part}: ${text}${cure ? ` → ${cure}` : ''}`);
  }
  const failed = findings.filter(({ outcome }) => outcome === 'failed').length;
  if (failed > 0) throw new DeploymentError(code, `${failed} of ${findings.length} checks failed`);
}
