/**
 * The place where the blocks of the documents run: a local cloud, the app at an address, a QStash with a clock that
 * stands still, and a shell in an empty folder. There `npm run holdfast` runs, and each other command of package.json
 * must have a test that runs it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { run as runHoldfast } from '../../../cli/run.ts';
import { appVariables } from '../../../dev/cloud/app-environment.ts';
import { applicationDatabase } from '../../../dev/cloud/database-setup.ts';
import { startLocalCloud } from '../../../dev/cloud/local-cloud.ts';
import { testClock } from '../../../dev/qstash/clock.ts';
import { startQstash } from '../../../dev/qstash/server.ts';
import { createTestApp, demoKeys } from '../../support/app.ts';
import { ELSEWHERE, HERE } from '../../support/commands-run.ts';
import type { CommandResult } from '../../support/npm-run.ts';
import { SEED_TIME } from '../../support/seed-time.ts';
import { openShell, type Ran } from '../../support/shell.ts';

export interface DocsWorld {
  /** Runs a command of a document. */
  run(command: string): Promise<Ran & { statuses: number[] }>;
  close(): Promise<void>;
}

/** Commands of npm itself, which the tests of the package run. */
const OF_NPM = ['install', 'ci', 'pack'];

export async function createDocsWorld(): Promise<DocsWorld> {
  const cloud = await startLocalCloud({
    application: applicationDatabase,
    seedTime: SEED_TIME,
    // Imports of thousands of rows would run beside the blocks; their jobs have tests of their own.
    holdDeliveries: true,
  });
  const { token, currentSigningKey: current, nextSigningKey: next } = cloud.qstash;
  const still = await startQstash({ token, keys: { current, next }, clock: testClock(SEED_TIME.getTime()) });
  let answer = async (_request: Request): Promise<Response> => new Response('', { status: 503 });
  const server = await listen((request) => answer(request));
  const url = `http://localhost:${portOf(server)}`;
  const app = createTestApp({ cloud, environment: { APP_URL: url } });
  answer = async (request) => app.app.fetch(request);

  const variables = { ...appVariables(cloud, url), DATABASE_URL: cloud.postgres.url };
  const commands = await listen(async (request) => {
    const words = (await request.formData()).getAll('word').map(String);
    const { status, stdout, stderr } = await runNpm(words, variables);
    return new Response(stdout + stderr, { status: status === 0 ? 200 : 400 });
  });
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-docs-'));
  for (const name of ['app', 'holdfast']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'app/contacts.csv'), 'Name,E-Mail\nAda Byron,ada@kelp.example\n');
  const shell = openShell(join(folder, 'app'), {
    ...variables,
    APP: url,
    KEY: demoKeys.acme,
    COMMANDS: `http://localhost:${portOf(commands)}`,
  });
  await shell.run(FUNCTIONS);
  const { email, password } = cloud.demo ?? { email: '', password: '' };
  const body = JSON.stringify({ email, password });
  await shell.run(`curl -c jar ${url}/auth/sign-in -H 'Content-Type: application/json' -d '${body}'`);

  return {
    async run(command) {
      await shell.run(': > statuses');
      const here = command.replaceAll('localhost:8787', url.slice(7)).replaceAll('localhost:8080', still.url.slice(7));
      const ran = await shell.run(here);
      const { output } = await shell.run('cat statuses');
      const statuses = [...output.matchAll(/^HTTP\/\S+ (\d+)/gm)].map(([, status]) => Number(status));
      return { ...ran, statuses };
    },
    async close() {
      await shell.close();
      for (const each of [server, commands]) {
        each.closeAllConnections();
        each.close();
      }
      await app.close();
      await still.close();
      await cloud.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * curl notes the statuses of its answers; an answer without an end, that of `-N`, is cut after its first event. The file
 * of the statuses is read after each command.
 */
const FUNCTIONS = String.raw`
npm() {
  local words=()
  for word in "$@"; do words+=(--data-urlencode "word=$word"); done
  command curl -sS --fail-with-body "$COMMANDS/" "\${words[@]}"
}
npx() { npm npx "$@"; }
curl() {
  if [[ " $* " != *' -N '* ]]; then command curl -sS -D headers "$@"; local code=$?; cat headers >> statuses; return $code; fi
  while IFS= read -r line; do
    echo "$line"
    [[ $line == data:* ]] && break
  done < <(command curl -sS -D headers "$@")
  cat headers >> statuses
}
`.replaceAll('\\$', '$');

/**
 * Runs the words after `npm`: the command line with the variables of the local cloud, also if a document sets the
 * database of a deployment; nothing for a command that another test runs; a failure for all others.
 */
async function runNpm(words: readonly string[], variables: Record<string, string>): Promise<CommandResult> {
  const [verb = '', ...rest] = words.filter((word) => word !== '-s');
  const failed = (stderr: string) => ({ status: 1, stdout: '', stderr });
  const done = (stdout: string) => ({ status: 0, stdout, stderr: '' });
  if (OF_NPM.includes(verb)) return done('');
  if (verb === 'npx') return rest[0] === 'holdfast' ? done('') : failed(`No test runs npx ${rest.join(' ')}`);
  const [name = '', ...args] = verb === 'run' ? rest : [verb, ...rest];
  const options = args[0] === '--' ? args.slice(1) : args;
  if (name === 'holdfast') {
    const { exitCode, out, error } = await runHoldfast(options, variables);
    return { status: exitCode, stdout: out, stderr: error };
  }
  return name in ELSEWHERE || HERE.includes(name) ? done('') : failed(`No test runs npm run ${name}`);
}

async function listen(answer: (request: Request) => Promise<Response>): Promise<Server> {
  const server = createServer(getRequestListener(answer));
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
