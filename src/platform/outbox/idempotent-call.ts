/**
 * A call that the caller may repeat. Each commit of the call stores its result in a row, in the commit's own
 * transaction. A repeated call finds the row and returns that result, even if the answer to the first COMMIT was lost.
 *
 * Commits of one call are numbered in the order in which they begin. A repeated call runs the commits in the same
 * order. A commit that has a row returns the stored result, and a commit without a row is made now.
 */
import { CodedError } from '../coded-error.ts';
import { decode, type Encoding, encode, type Sealer, type Tag, versionKey } from '../redis/index.ts';
import type { SqlStore } from '../sql/index.ts';
import type { System } from '../system.ts';
import { createMarks, type MarkServices } from './marks.ts';

/** A call, identified by tenant, caller and key. */
export interface IdempotentCall {
  /** The API key or the user that calls. */
  readonly caller: string;
  /** A digest of the key that the caller chose. */
  readonly key: string;
  /**
   * Digests of everything that must be the same in a repeated call. The first one is stored; a stored one that equals
   * another is of the same request.
   */
  readonly fingerprints: readonly [string, ...string[]];
  /** Seals the results of commits. */
  readonly sealer: Sealer;
  /** The number of commits that have begun. */
  begun: number;
  /** True if an earlier call with this key has made one of the commits. */
  repeated: boolean;
}

/**
 * Thrown if the stored row of a call cannot answer this call. `CALL_MISMATCH`: the key was used for a different request.
 * `CALL_UNREADABLE`: the key that sealed the result does not exist any more.
 */
export class IdempotentCallError extends CodedError<'CALL_MISMATCH' | 'CALL_UNREADABLE'> {
  override readonly name = 'IdempotentCallError';
}

/** The result of a commit, the tags that it invalidated, and the writer whose marks the tags had. */
export interface CommitOutcome {
  result: unknown;
  writer: string;
  /** The beginning of the new versions of the tags. */
  version: string;
  tags: Tag[];
}

/** One commit of a call. */
export interface IdempotentStep {
  /**
   * Claims the step inside the transaction: inserts the row of the step. 1 statement. If another transaction has
   * inserted the row, this call waits for the end of that transaction; after a COMMIT, 1 more statement reads the
   * outcome.
   * @returns the outcome of an earlier commit; `null` if there is none.
   * @throws {IdempotentCallError} if the row belongs to another request or cannot be opened.
   */
  begin<Tx>(store: SqlStore<Tx>, tx: Tx): Promise<CommitOutcome | null>;
  /** Stores the outcome inside the transaction. 1 statement. */
  keep<Tx>(store: SqlStore<Tx>, tx: Tx, outcome: CommitOutcome): Promise<void>;
}

/** Returns the next numbered step of the call. */
export function nextStep(call: IdempotentCall, tenant: string, system: System): IdempotentStep {
  const { caller, key, fingerprints, sealer } = call;
  const step = call.begun;
  call.begun += 1;
  const id = [tenant, caller, key, step];
  const context = ['idempotent-commit', tenant, caller, key, String(step)];

  return {
    async begin(store, tx) {
      const now = new Date(system.now()).toISOString();
      const taken = await store.query(TAKE_STEP, [...id, fingerprints[0], now], tx);
      if (taken.length === 1) return null;
      const [row] = await store.query<StepRow>(READ_STEP, id, tx);
      if (!row || !fingerprints.includes(row.fingerprint)) {
        throw new IdempotentCallError('CALL_MISMATCH', 'This key was used for another request');
      }
      const text = await sealer.open(row.outcome, context);
      if (text === null) throw new IdempotentCallError('CALL_UNREADABLE', 'The outcome of this call cannot be opened');
      call.repeated = true;
      return decode({ encoding: text.charAt(0) as Encoding, text: text.slice(1) }) as CommitOutcome;
    },
    async keep(store, tx, outcome) {
      const { encoding, text } = encode(outcome);
      await store.query(KEEP_OUTCOME, [...id, await sealer.seal(encoding + text, context)], tx);
    },
  };
}

const TAKE_STEP = `
  INSERT INTO idempotent_commits (tenant_id, caller, key, step, fingerprint, outcome, committed_at)
  VALUES ($1, $2, $3, $4::int, $5, '', $6::timestamp)
  ON CONFLICT DO NOTHING RETURNING step`;
const READ_STEP = `
  SELECT fingerprint, outcome FROM idempotent_commits
  WHERE tenant_id = $1 AND caller = $2 AND key = $3 AND step = $4::int`;
const KEEP_OUTCOME = `
  UPDATE idempotent_commits SET outcome = $5
  WHERE tenant_id = $1 AND caller = $2 AND key = $3 AND step = $4::int`;

interface StepRow {
  fingerprint: string;
  outcome: string;
}

/**
 * Settles the tags of an earlier commit, whose process may have died before the settle. The caller may acknowledge the
 * write only after this. The outbox row stays, so the drain settles the tags once more. Costs 1 Redis request, more if
 * Redis refuses, and none if the commit invalidated nothing.
 * @throws {CommitUnsettledError} if old values may be served and Redis refuses to invalidate them.
 */
export async function settleEarlier(
  services: MarkServices & { tenant: string },
  { tags, writer, version }: CommitOutcome,
): Promise<void> {
  if (tags.length === 0) return;
  const versionKeys = tags.map((each) => versionKey(services.tenant, each));
  const settle = () => services.invalidator.settle(versionKeys, writer, version);
  await createMarks(services, writer).settle(versionKeys, settle);
}

/** How long an outcome is kept, in ms: 2 days, which is longer than Redis keeps an answer. */
const KEPT_MS = 2 * 86_400_000;

/** Deletes the outcomes of old calls. Returns the number of deleted outcomes. 1 statement. */
export async function forgetCalls(store: SqlStore, now: number): Promise<number> {
  const rows = await store.query<{ count: number }>(FORGET_CALLS, [new Date(now - KEPT_MS).toISOString()]);
  return rows[0]?.count ?? 0;
}

const FORGET_CALLS = `
  WITH old AS (DELETE FROM idempotent_commits WHERE committed_at < $1::timestamp RETURNING 1)
  SELECT count(*)::int AS count FROM old`;
