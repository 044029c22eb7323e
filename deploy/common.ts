/** The steps that both platforms share: the build, the database, and the checks of `holdfast doctor`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkApp } from '../cli/doctor/app.ts';
import { checkEnvironment } from '../cli/doctor/environment.ts';
import type { Finding } from '../cli/doctor/finding.ts';
import { checkPostgres } from '../cli/doctor/postgres.ts';
import { checkQstash } from '../cli/doctor/qstash.ts';
import { checkRedis } from '../cli/doctor/redis.ts';
import { BUILD_ID_FORM, buildId } from '../dev/build/build-id.ts';
import { applyMigrations } from '../prisma/apply.ts';
import { diagnose } from '../prisma/diagnose.ts';
import { type Migration, readMigrations } from '../prisma/migration-files.ts';
import { DeploymentError, type Steps } from './order.ts';
import { ROOT, runTool, type Variables } from './tools.ts';

const PATIENCE_MS = 10_000;

/** The shared steps. */
export type CommonSteps = Pick<Steps, 'build' | 'pending' | 'migrate' | 'servers' | 'app' | 'settings'>;

/**
 * Makes the shared steps.
 * @param options.bundle the file of the bundle that contains the id of its build, from the root.
 * @param options.isBuilt uses the bundle as it is, if it was built from the present code.
 */
export function commonSteps(variables: Variables, options: { bundle: string; isBuilt: boolean }): CommonSteps {
  const database = variables['DATABASE_URL'] ?? '';
  return {
    settings: async () => checkEnvironment(variables),
    async build() {
      if (!options.isBuilt) await runTool('build', [], variables);
      const bundle = await readFile(join(ROOT, options.bundle), 'utf8').catch(() => '');
      return buildIn(bundle, await buildId(), options.bundle);
    },
    async pending() {
      const { migrations } = await diagnose(database, PATIENCE_MS);
      return missing(readMigrations(), migrations.pending);
    },
    migrate: () => applyMigrations(database),
    async servers() {
      const now = () => Date.now();
      const found: Finding[][] = await Promise.all([
        checkRedis(variables, now),
        checkPostgres(variables, now),
        checkQstash(variables),
      ]);
      return found.flat();
    },
    app: () => checkApp(variables),
  };
}

/**
 * Returns the id of the build that a bundle contains.
 * @throws {DeploymentError} `TOOL` unless it is the id of the present code.
 */
export function buildIn(bundle: string, present: string, file: string): string {
  if (BUILD_ID_FORM.exec(bundle)?.[0] === present) return present;
  throw new DeploymentError('TOOL', `${file} is not a build of this code: leave --built out`);
}

/** Returns the migrations that a database lacks; the database is new if it has none of them. */
export function missing(known: readonly Migration[], pending: readonly string[]) {
  const migrations = known.filter(({ name }) => pending.includes(name));
  return { migrations, isNew: migrations.length === known.length };
}
