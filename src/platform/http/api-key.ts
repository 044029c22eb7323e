/**
 * API keys: `hf_<tenant>_<key id>_<secret>`. Tenant and key id are readable, so one request can look up the key's
 * record and the route's cached data. The secret is 32 random bytes, so a plain SHA-256 of the secret is safe to
 * store. A query of the product reads the record through the cache.
 */
import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Query } from '../cache/index.ts';
import type { DataContext } from './data-context.ts';

/** The parts of a presented key. No part is verified. */
export interface PresentedKey {
  tenant: string;
  keyId: string;
  secret: string;
}

/** The record of a key. Times are in ms since the epoch. */
export interface ApiKeyRecord {
  secretHash: string;
  rights: string[];
  expiresAt: number | null;
  revokedAt: number | null;
}

const FORM = /^hf_([a-z0-9][a-z0-9-]{0,39})_([A-Za-z0-9]{12})_([A-Za-z0-9]{32,64})$/;

/** Parses a key. Returns `null` for a text that does not have the form of a key. */
export function parseApiKey(text: string): PresentedKey | null {
  const [, tenant, keyId, secret] = FORM.exec(text) ?? [];
  return tenant && keyId && secret ? { tenant, keyId, secret } : null;
}

/** The product's query of the records of keys: `null` if a key does not exist. Both results are cached. */
export type ApiKeyRecords = Query<{ keyId: string }, ApiKeyRecord | null, DataContext>;

/** Returns whether the presented secret belongs to the record, and the record is still valid at `now` (ms). */
export function verifyApiKey(presented: PresentedKey, record: ApiKeyRecord, now: number): boolean {
  const digest = createHash('sha256').update(presented.secret).digest();
  const stored = Buffer.from(record.secretHash, 'hex');
  const matches = stored.length === digest.length && timingSafeEqual(stored, digest);
  return matches && record.revokedAt === null && (record.expiresAt === null || now < record.expiresAt);
}
