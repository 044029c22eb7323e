/** Puts a marked value into every place in which the search looks, by the ways by which values get there. */
import { boardFeed } from '../../../../src/care/appointments/feed.ts';
import { exportPatient } from '../../../../src/care/exports/job.ts';
import { addNotifications } from '../../../../src/inbox/index.ts';
import { publish } from '../../../../src/platform/feeds/index.ts';
import { enqueue } from '../../../../src/platform/jobs/index.ts';
import { recordKey } from '../../../../src/platform/jobs/keys.ts';
import type { Clinic } from '../world.ts';
import { MARKS } from './marks.ts';
import { redis } from './stored.ts';

const { planted } = MARKS;

/** Plants, except in the dead letters; see {@link plantInDeadLetter}. */
export async function plant(clinic: Clinic): Promise<void> {
  const encoded = Buffer.from(planted).toString('base64');
  const key = (kind: string) => keyOf(clinic, kind);
  await redis([
    ['SET', key('string'), planted],
    ['HSET', key('hash'), 'field', encoded],
    ['RPUSH', key('list'), planted],
    ['SADD', key('set'), planted],
    ['ZADD', key('zset'), '1', planted],
    ['XADD', key('stream'), '*', 'e', planted],
    ['SET', key(encodeURIComponent(planted)), ''],
  ]);
  const scope = clinic.platform.scope();
  await scope.tenant(clinic.tenant.id).commit(async (tx) => {
    const userId = clinic.idOf('clinician');
    await addNotifications(tx, [{ userId, kind: 'planted', title: planted, data: {} }]);
    await tx.audit({ action: 'planted', entity: { type: 'planted', id: 'planted' }, data: { text: planted } });
    publish(tx, boardFeed, {
      ...{ type: 'appointment.booked', department: planted, ticket: 'PLANT', status: 'booked', at: tx.system.now() },
    });
    const input = { exportId: 'none', patientId: 'none', planted };
    await enqueue(tx, exportPatient, input);
  });
  scope.log.info(planted);
  scope.counters.count('http.requests', { route: planted, status: '2xx' });
  scope.trace?.add({ name: planted, kind: 'internal', ms: 1 });
  scope.trace?.end({ name: 'planted', kind: 'internal' });
  await scope.mailer.send({ to: 'planted@people.example', subject: planted, text: 'Planted', html: 'Planted' });
  await scope.end();
  // The counters of the isolate leave with the next request.
  await clinic.send('clinician', 'GET', '/care/patients/none');
}

/** Removes the keys of Redis that were planted beside the families of the platform. */
export async function unplant(clinic: Clinic): Promise<void> {
  const kinds = ['string', 'hash', 'list', 'set', 'zset', 'stream', encodeURIComponent(planted)];
  await redis([['DEL', ...kinds.map((kind) => keyOf(clinic, kind))]]);
}

function keyOf({ tenant }: Clinic, kind: string): string {
  return `hf:${tenant.id}:planted:${kind}`;
}

/** Plants in the record of a job that is a dead letter. */
export async function plantInDeadLetter({ tenant }: Clinic, id: string): Promise<void> {
  await redis([['HSET', recordKey(tenant.id, id), 'reason', planted]]);
}
