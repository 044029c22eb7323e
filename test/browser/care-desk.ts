/** A clinic on a Worker: its users in browsers, and what programs of the reception do meanwhile. */
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import type { Role } from '../../src/identity/index.ts';
import { addPerson, type Person } from '../support/people.ts';
import { createTenant, sql } from '../support/tenant.ts';
import { startStage } from './stage.ts';

export const DEPARTMENT = 'Cardiology';

/** Starts the Worker and the clinic. */
export async function startCare() {
  const { postgres } = inject('cloud');
  const tenant = await createTenant(postgres.url);
  const stage = await startStage('worker');
  const hire = async (role: Role, name: string): Promise<Person> => {
    const person = await addPerson(postgres.url, tenant.id, { role, factor: true });
    await sql(postgres.url, 'UPDATE users SET name = $3 WHERE tenant_id = $1 AND id = $2', [
      tenant.id,
      person.id,
      name,
    ]);
    return person;
  };
  const people = {
    reception: await hire('reception', 'Rita Desk'),
    nurse: await hire('nurse', 'Noa Field'),
    clinician: await hire('clinician', 'Dr. Kelp'),
    stranger: await hire('clinician', 'Dr. Moss'),
    auditor: await hire('care_auditor', 'Ari Look'),
    biller: await hire('biller', 'Bo Ledger'),
  };

  /** Signs a user in as a program. */
  async function bearerOf({ email, password, recoveryCodes }: Person): Promise<string> {
    const post = async (path: string, json: object) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await stage.send(path, { method: 'POST', headers, body: JSON.stringify(json) });
      return (await answer.json()) as { pending: string; accessToken: string };
    };
    const { pending } = await post('/auth/sign-in', { email, password, as: 'tokens' });
    return (await post('/auth/factor', { pending, recoveryCode: recoveryCodes.shift() })).accessToken;
  }
  const bearers = {
    reception: await bearerOf(people.reception),
    clinician: await bearerOf(people.clinician),
    biller: await bearerOf(people.biller),
  };

  async function call<Body = { id: string; ticket: string }>(
    by: keyof typeof bearers,
    method: string,
    path: string,
    json?: object,
  ): Promise<Body> {
    const headers = {
      authorization: `Bearer ${bearers[by]}`,
      'content-type': 'application/json',
      // Entries of the ledger need a key.
      'idempotency-key': randomUUID(),
    };
    const body = json === undefined ? null : JSON.stringify(json);
    const answer = await stage.send(path, { method, headers, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as Body;
  }

  let booked = 0;
  return {
    stage,
    people,
    call,
    /** Adds a patient with a visit of the clinician today. */
    async visit(name: string): Promise<{ patient: string; id: string; ticket: string }> {
      booked += 1;
      const number = `A-${1_000 + booked}`;
      const contact = { address: '12 Quay, Harbour', phone: '+49 40 1', email: 'ada@people.example' };
      const patient = (
        await call('reception', 'POST', '/care/patients', { number, name, birth: '1951-12-10', ...contact })
      ).id;
      const midnight = new Date().setUTCHours(0, 0, 0, 0);
      const start = new Date(midnight + booked * 10 * 60_000).toISOString().slice(0, 16);
      const booking = {
        patientId: patient,
        clinicianId: people.clinician.id,
        department: DEPARTMENT,
        start,
        minutes: 5,
      };
      const { id, ticket } = await call('reception', 'POST', '/care/appointments', booking);
      return { patient, id, ticket };
    },
    close: () => stage.close(),
  };
}

export type CareDesk = Awaited<ReturnType<typeof startCare>>;
