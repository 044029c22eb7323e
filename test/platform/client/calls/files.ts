/** Calls the operations of imports, exports and webhooks. */
import { rest } from '../../crm/transfers.ts';
import type { ClientWorld } from '../world.ts';

const CONTACTS = 'Name,Email\nAda,ada@x.example\nBob,no address\n';

export async function callFiles(world: ClientWorld): Promise<void> {
  const { imports, exports } = world.program;
  const { id } = (await imports.create({ body: CONTACTS })) as { id: string };
  await imports.create({ dryRun: true, body: CONTACTS });
  await imports.createCompanies({ body: 'Name\nKelp Works\n' });
  await imports.createDeals({ body: 'Title,Value\nNets,12\n' });
  const announced = (await imports.create({ parts: 1, body: '' })) as { id: string };
  await imports.savePart({ id: announced.id, part: 1, body: CONTACTS });
  await imports.start({ id: announced.id });
  const another = (await imports.create({ parts: 1, body: '' })) as { id: string };
  await imports.cancel({ id: another.id });
  await imports.list();
  await rest(world, async () => (await imports.get({ id })).status === 'done');
  await imports.downloadRejected({ id });
  await imports.undo({ id });

  const begun = await exports.createContacts();
  await exports.createCompanies();
  await exports.createDeals();
  await exports.createTasks();
  await exports.list();
  await rest(world, async () => (await exports.get({ id: begun.id })).status === 'done');
  await exports.download({ id: begun.id });
}

export async function callWebhooks({ program, tenant, query }: ClientWorld): Promise<void> {
  const { webhooks } = program;
  const { id } = await webhooks.create({ body: { url: 'https://hooks.example.com/in', events: ['deal.won'] } });
  await webhooks.list();
  await webhooks.get({ id });
  await webhooks.update({ id, body: { events: ['*'] } });
  await webhooks.rotateSecret({ id });
  await query(
    `INSERT INTO webhook_deliveries (tenant_id, id, webhook_id, body, status, attempts, created_at)
     VALUES ($1, 'job_1', $2, $3, 'failed', 10, now())`,
    [tenant.id, id, JSON.stringify({ type: 'deal.won', timestamp: '2026-11-20T09:30:00.000Z', data: {} })],
  );
  await webhooks.listDeliveries({ id });
  await webhooks.replayDelivery({ id, deliveryId: 'job_1' });
  await webhooks.delete({ id });
}
