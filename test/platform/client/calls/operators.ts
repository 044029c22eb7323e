/** Calls the operations of the people who run the service: jobs, schedules, streams, alerts, audit, cache, feeds. */

import { createAuditKeys, sealBatch } from '../../../../src/platform/audit/index.ts';
import { enqueue } from '../../../../src/platform/jobs/index.ts';
import { type ClientWorld, dying, nightly, waiting } from '../world.ts';

export async function callOperators(world: ClientWorld): Promise<void> {
  const { alerts, alertSilences, alertMessages, cache, metrics, deliveries, streams } = world.program;
  await callJobs(world);
  await callAudit(world);

  const group = { stream: 'deals', group: 'stage-history' };
  await streams.list();
  await streams.listDead(group);
  await streams.replayDead({ ...group, body: {} });
  await streams.requestRebuild(group);

  await alerts.list();
  await alerts.listChanges();
  const silence = await alertSilences.create({ body: { name: '*', minutes: 60, reason: 'A move' } });
  await alertSilences.delete({ id: silence.id });
  await alertMessages.create();

  await cache.getStatistics();
  await world.program.deals.getPipeline();
  await cache.getEntry({ query: 'deal-pipeline' });
  await cache.invalidate({ body: { tags: [['deals']] } });
  await metrics.get();
  await deliveries.countRefused();
  await callFeeds(world);
}

async function callJobs(world: ClientWorld): Promise<void> {
  const { jobs, queues, schedules } = world.program;
  const later = () => world.app.within((tenant) => enqueue(tenant, waiting, {}, { delay: '1h' }));
  const id = await later();
  await jobs.list({ limit: 5 });
  await jobs.get({ id });
  await jobs.cancel({ id });
  await jobs.retry({ id: await later() });
  const dead = await world.app.within((tenant) => enqueue(tenant, dying, {}));
  await world.settle();
  await jobs.replay({ id: dead });
  await queues.list();
  await queues.pause({ name: 'client' });
  await queues.resume({ name: 'client' });
  const { name } = nightly;
  await schedules.list();
  await schedules.run({ name });
  await schedules.pause({ name });
  await schedules.resume({ name });
}

async function callAudit({ program, tenant, app }: ClientWorld): Promise<void> {
  const { audit, auditEntries, auditSeals } = program;
  const scope = app.test.platform.scope();
  const keys = createAuditKeys(scope.environment.AUDIT_SIGNING_KEYS ?? '');
  while (await sealBatch({ store: scope.store, system: scope.system, keys }, tenant.id));
  await scope.end();
  await auditSeals.list();
  const { items } = await auditEntries.list({ action: 'webhook.created' });
  const id = items[0]?.id ?? 'none';
  await auditEntries.listAsFhir({ limit: 5 });
  await auditEntries.get({ id });
  await auditEntries.getProof({ id });
  await auditEntries.eraseData({ id, body: { reason: 'A request of the person' } });
  await audit.requestVerification({ body: {} });
}

async function callFeeds({ staff }: ClientWorld): Promise<void> {
  const { feeds } = staff.member;
  for await (const event of feeds.listen({ topics: ['deals'] })) {
    if (event.kind === 'reset') break;
  }
  await feeds.getPresence({ topic: 'deals' });
}
