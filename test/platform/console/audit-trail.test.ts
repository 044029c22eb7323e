/** The audit trail in the console: search, an entry with its proof, the seals, and the verification of the whole trail. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type AuditDesk, openAuditDesk } from './audit-desk.ts';
import { proofTests } from './screens/audit-proof.ts';
import { searchTests } from './screens/audit-search.ts';
import { verifyingTests } from './screens/audit-verifying.ts';

let desk: AuditDesk;
beforeAll(async () => {
  desk = await openAuditDesk();
});
beforeEach(() => desk.clear());
afterAll(() => desk.close());

searchTests(() => desk);
proofTests(() => desk);
verifyingTests(() => desk);
