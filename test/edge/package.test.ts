/**
 * `npm run deploy -- lambda --dry-run` works without account and network; its package holds what the Lambdas need and
 * nothing else, and runs.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { demoKeys } from '../../prisma/demo.ts';
import { COST_OF_A_HIT, costOf } from '../support/app.ts';
import { deploymentVariables } from '../support/deployment.ts';
import { startTestLambda } from '../support/lambda.ts';
import { type CommandResult, runProgram } from '../support/npm-run.ts';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGE = join(ROOT, 'dist/lambda-package');

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

let directory: string;
let files: Record<string, Uint8Array>;
let template: Template;
let dryRun: CommandResult;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-package-'));
  // The build of the suite, so that one run builds once.
  dryRun = await runProgram('deploy', {
    args: ['lambda', '--dry-run', '--built'],
    // No AWS profile, no credentials and no network.
    env: { ...deploymentVariables(), HOME: directory, HTTPS_PROXY: 'http://127.0.0.1:9' },
  });
  files = unzipSync(await readFile(join(PACKAGE, 'holdfast.zip')));
  template = JSON.parse(await readFile(join(PACKAGE, 'cloudformation-template-update-stack.json'), 'utf8')) as Template;
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test('the dry run names the build and the place of the package, and ends before the database', () => {
  expect(dryRun).toMatchObject({ status: 0, stderr: '' });
  expect(dryRun.stdout).toMatch(
    /^Built build-[0-9a-f]{12}\nPackaged dist\/lambda-package\nDry run: ends before the database/m,
  );
});

test('holds the bundle, its source maps and the files of /docs, and nothing else', () => {
  const names = Object.keys(files).map((name) => name.replace(/-[A-Z0-9]{8}\.mjs/, '-*.mjs'));
  console.log(
    `Lambda package:\n${Object.entries(files)
      .map(([name, { byteLength }]) => `  ${byteLength} ${name}`)
      .join('\n')}`,
  );
  expect(names.filter((name) => !/^dist\/lambda\/[\w.-]+(?:-\*)?\.mjs(?:\.map)?$/.test(name)).toSorted()).toEqual([
    'dist/public/docs/openapi.json',
    'dist/public/docs/swagger-ui-bundle.js',
    'dist/public/docs/swagger-ui.css',
  ]);
  expect(names).toEqual(expect.arrayContaining(['dist/lambda/aws.mjs', 'dist/lambda/aws.mjs.map']));
});

test('declares functions for the API, for deliveries, for live updates and for the schedule, with handlers that exist', () => {
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  expect(functions.map(({ Properties }) => Properties['Handler']).toSorted()).toEqual([
    'dist/lambda/aws.api',
    'dist/lambda/aws.deliveries',
    'dist/lambda/aws.feeds',
    'dist/lambda/aws.scheduled',
  ]);
  const environments = functions.map(
    ({ Properties }) => (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables,
  );
  for (const { NODE_OPTIONS } of environments) expect(NODE_OPTIONS).toBe('--enable-source-maps');
  expect(Object.keys(template.Resources)).toEqual(
    expect.arrayContaining([
      'HttpApi',
      'ScheduledEventsRuleSchedule1',
      'HttpApiRouteDefault',
      'DeliveriesLambdaFunctionUrl',
    ]),
  );
});

test('declares a URL that streams live updates, and ends a connection 15 s before the timeout', () => {
  const { FeedsLambdaFunction, FeedsLambdaFunctionUrl } = template.Resources;
  expect(FeedsLambdaFunctionUrl?.Properties).toMatchObject({ InvokeMode: 'RESPONSE_STREAM' });
  expect(FeedsLambdaFunction?.Properties).toMatchObject({
    Timeout: 40,
    Environment: { Variables: { FEEDS_MODE: 'stream', FEEDS_AGE_MS: '25000' } },
  });
});

test('answers when unpacked elsewhere', async () => {
  const task = join(directory, 'task');
  for (const [name, contents] of Object.entries(files)) {
    await mkdir(dirname(join(task, name)), { recursive: true });
    await writeFile(join(task, name), contents);
  }
  const lambda = await startTestLambda(inject('cloud'), { root: task });
  try {
    const read = () =>
      lambda.fetch('/companies?limit=3&search=package', { headers: { authorization: `Bearer ${demoKeys.acme}` } });
    expect((await read()).headers.get('x-cache')).toBe('MISS');
    const again = await read();
    expect({ status: again.status, cache: again.headers.get('x-cache'), cost: costOf(again) }).toEqual({
      status: 200,
      cache: 'HIT',
      cost: COST_OF_A_HIT,
    });
    expect((await lambda.fetch('/docs/swagger-ui.css')).status).toBe(200);
    expect(await (await lambda.fetch('/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' });
    await lambda.scheduled(Date.now());
  } finally {
    await lambda.close();
  }
});
