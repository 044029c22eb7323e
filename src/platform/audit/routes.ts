/** `/audit`: the audit trail of the tenant, its seals and proofs, for callers with the right `audit:read`. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AppEnv, createRouter, pageSchema, textSchema, wholeNumberParameter } from '../http/index.ts';
import { command, oneSchema, publicView, view } from '../rest/index.ts';
import { readEntry, readSeals } from './entries-table.ts';
import { eraseEntryData } from './erase.ts';
import { toAuditEvent } from './fhir.ts';
import { verifyInput } from './job.ts';
import { proveEntry, verifyProof } from './proof.ts';
import { entryQuerySchema, entrySchema, proofSchema, sealSchema, toEntry } from './schema.ts';
import { searchTrail } from './search.ts';
import { publicKeysOf } from './signing.ts';
import { requestVerification } from './verification.ts';

const all = { tag: 'Audit', access: 'audit:read' } as const;

/** The number of the last seal of a page. */
const sealCursor = z.string().regex(/^[1-9]\d{0,8}$/, 'must be the nextCursor of a page');

/** Creates the routes of the audit trail. */
export function auditRoutes(): OpenAPIHono<AppEnv> {
  const router = createRouter();

  view(router, {
    ...all,
    id: 'auditEntries.list',
    path: '/audit',
    summary: 'List the entries of the audit trail, newest first',
    search: entryQuerySchema,
    answer: pageSchema(entrySchema),
    async load(search, { scope, tenant }) {
      const { items, nextCursor } = await searchTrail(scope.store, tenant.tenant, search);
      return { items: items.map(toEntry), nextCursor };
    },
  });

  view(router, {
    ...all,
    id: 'auditEntries.listAsFhir',
    path: '/audit/fhir',
    summary: 'List the entries of the audit trail as AuditEvents of FHIR R4, newest first',
    search: entryQuerySchema,
    answer: pageSchema(z.record(z.string(), z.unknown()).openapi('AuditEvent')),
    async load(search, { scope, tenant }) {
      const { items, nextCursor } = await searchTrail(scope.store, tenant.tenant, search);
      return { items: items.map((entry) => ({ ...toAuditEvent(entry) })), nextCursor };
    },
  });

  view(router, {
    ...all,
    id: 'auditSeals.list',
    path: '/audit/seals',
    summary: 'List the seals of the audit trail, oldest first',
    search: z.strictObject({
      limit: wholeNumberParameter({ from: 1, to: 100, otherwise: 25 }),
      cursor: sealCursor.optional().openapi({ description: 'The `nextCursor` of the previous page.' }),
    }),
    answer: pageSchema(sealSchema),
    async load({ limit, cursor = '0' }, { scope, tenant }) {
      const found = await readSeals(scope.store, tenant.tenant, Number(cursor) + 1, limit + 1);
      const items = found.slice(0, limit);
      return { items, nextCursor: found.length > limit ? String(items.at(-1)?.seal) : null };
    },
  });

  view(router, {
    ...all,
    id: 'auditEntries.get',
    path: '/audit/entries/{id}',
    summary: 'Get an entry of the audit trail',
    params: oneSchema,
    missing: 'audit entry',
    answer: entrySchema,
    async load({ id }, { scope, tenant }) {
      const entry = await readEntry(scope.store, tenant.tenant, id);
      return entry ? toEntry(entry) : null;
    },
  });

  view(router, {
    ...all,
    id: 'auditEntries.getProof',
    path: '/audit/entries/{id}/proof',
    summary: 'Get the proof that an entry is in the sealed audit trail',
    cost: { statements: 3 },
    description: 'The proof needs no other entry. An entry has a seal, and so a proof, within minutes.',
    params: oneSchema,
    missing: 'proof',
    answer: proofSchema,
    async load({ id }, { scope, tenant }) {
      const proof = await proveEntry(scope.store, tenant.tenant, id);
      if (!proof) return null;
      const key = (await publicKeysOf(scope.environment.AUDIT_SIGNING_KEYS)).get(proof.seal.keyId);
      const valid = key !== undefined && (await verifyProof(proof, key));
      return { valid, entry: { ...proof.entry }, seal: proof.seal, path: proof.path };
    },
  });

  command(router, {
    tag: all.tag,
    access: 'audit:erase',
    id: 'auditEntries.eraseData',
    path: '/audit/entries/{id}/erase',
    summary: 'Erase the data of an entry of the audit trail',
    cost: { statements: 3 },
    description: 'The entry, its seal and its proof stay. The erasure has an entry of its own.',
    harmlessTwice: true,
    params: oneSchema,
    body: z.strictObject({ reason: textSchema(500) }),
    effect: 'The data are erased',
    problems: [404, 409],
    run: ({ params: { id }, body: { reason } }, { tenant }) => tenant.commit((tx) => eraseEntryData(tx, id, reason)),
  });

  command(router, {
    ...all,
    id: 'audit.requestVerification',
    path: '/audit/verify',
    summary: 'Queue the verification of the whole audit trail',
    cost: { requests: 2, commands: 4, statements: 3, messages: 1 },
    description: 'The job checks each entry and each seal. Its result lists the first faults.',
    body: verifyInput.strict(),
    harmlessTwice: true,
    answer: z.object({ jobId: z.string() }),
    status: 202,
    location: ({ jobId }) => `/jobs/${jobId}`,
    effect: 'The job',
    run: async ({ body }, { tenant }) => ({ jobId: await requestVerification(tenant, body) }),
  });

  publicView(router, {
    id: 'auditKeys.list',
    path: '/.well-known/holdfast-audit-keys.json',
    tag: 'Audit',
    summary: 'List the public keys of the seals as JSON Web Keys',
    answer: z.object({
      keys: z.array(z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), kid: z.string(), x: z.string() })),
    }),
    load: async (_input, { scope }) => ({
      keys: [...(await publicKeysOf(scope.environment.AUDIT_SIGNING_KEYS)).values()],
    }),
  });

  return router;
}
