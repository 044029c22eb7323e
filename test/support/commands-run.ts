/** Which test runs each command of package.json. */

/** Commands run by other test files, and the file, which names the program that the command starts. */
export const ELSEWHERE: Record<string, [file: string, program: string]> = {
  dev: ['test/edge/dev-command.test.ts', 'dev/commands/dev.ts'],
  cloud: ['test/platform/dev/cloud-command.test.ts', 'dev/commands/cloud.ts'],
  qstash: ['test/platform/dev/qstash/command.test.ts', 'dev/commands/qstash.ts'],
  'schedules:sync': ['test/platform/dev/schedules-sync.test.ts', 'dev/commands/schedules-sync.ts'],
  build: ['test/support/build.ts', 'dev/build/build.ts'],
  docs: ['.ci/run', 'npm run docs'],
  deploy: ['test/edge/deploy.test.ts', "runProgram('deploy'"],
  'client:generate': ['.ci/run', 'npm run -s client:generate'],
  'client:build': ['test/unit/client/package.test.ts', 'clients/typescript/build.ts'],
  'build:package': ['test/platform/package/installation.ts', 'package/build.ts'],
  trace: ['test/edge/errors.test.ts', 'dev/commands/trace.ts'],
  'redis:backup': ['test/platform/dev/redis-backup.test.ts', 'redis:backup'],
  'redis:restore': ['test/platform/dev/redis-backup.test.ts', 'redis:restore'],
  'redis:acl': ['test/platform/dev/redis-rest-acl.test.ts', "runProgram('redis:acl'"],
  'redis:new-era': ['test/platform/dev/redis-backup.test.ts', 'redis:new-era'],
  drill: ['test/platform/dev/drills.test.ts', "runProgram('drill'"],
  'audit:verify': ['test/platform/dev/audit-verify.test.ts', 'dev/commands/audit-verify.ts'],
  'db:roles': ['test/platform/db/roles.test.ts', 'db:roles'],
  'db:deploy': ['test/platform/db/deploy.test.ts', 'db:deploy'],
  test: ['.ci/run', 'npm test'],
  check: ['.ci/run', 'npm run check'],
  matrix: ['test/matrix/main.ts', 'npm run matrix'],
  mutants: ['test/mutants/run.ts', 'npm run mutants'],
};

/** Commands that test/platform/commands.test.ts runs itself. */
export const HERE = [
  'test:redis-cache',
  'demo:load',
  'holdfast',
  'dev:memory',
  'cache:warm',
  'bench',
  'db:seed',
  'db:migration',
  'db:generate',
  'lock',
];
