/**
 * A call that its caller may send again. Each of its commits writes a row in its own transaction, with the commit's
 * result. A repeat of the call finds the row and gets that result, even if the answer to the first COMMIT was lost.
 *
 * Commits of one call are numbered in the order in which they begin. A repeat goes through them in the same order: those
 * that were made are answered from their rows, and the first one that was not made is made now.
 */
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
  /** A digest of everything that must be the same in a repeat. */
  readonly fingerprint: string;
  /** Seals what commits give. */
  readonly sealer: Sealer;
  /** How many commits have begun. */
  begun: number;
  /** Whether an earlier call had made a commit of this one. */
  repeated: boolean;
}

/** A row cannot answer this call. */
export class IdempotentCallError extends Error {
  override readonly name = 'IdempotentCallError';
  /** `CALL_MISMATCH`: the key was used for another request. `CALL_UNREADABLE`: its sealing key is gone. */
  readonly code: 'CALL_MISMATCH' | 'CALL_UNREADABLE';
  constructor(code: IdempotentCallError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A commit's result, and the tags it invalidated under its writer's mark. */
export interface CommitOutcome {
  result: unknown;
  writer: string;
  /** The version that its tags were given. */
  version: string;
  tags: Tag[];
}

/** One commit of a call. */
export interface IdempotentStep {
  /**
   * Takes the step inside the transaction. 1 statement. While another transaction holds the step, this waits for its
   * end; if it was committed, its outcome is read, which is 1 more.
   * @returns the outcome of an earlier commit, or `null` without one.
   * @throws {IdempotentCallError} if the row is of another request or cannot be opened.
   */
  begin<Tx>(store: SqlStore<Tx>, tx: Tx): Promise<CommitOutcome | null>;
  /** Keeps the outcome inside the transaction. 1 statement. */
  keep<Tx>(store: SqlStore<Tx>, tx: Tx, outcome: CommitOutcome): Promise<void>;
}

/** Numbers a commit of the call. */
export function nextStep(call: IdempotentCall, tenant: string, system: System): IdempotentStep {
  const { caller, key, fingerprint, sealer } = call;
  const step = call.begun;
  call.begun += 1;
  const id = [tenant, caller, key, step];
  const context = ['idempotent-commit', tenant, caller, key, String(step)];

  return {
    async begin(store, tx) {
      const now = new Date(system.now()).toISOString();
      const taken = await store.query(TAKE_STEP, [...id, fingerprint, now], tx);
      if (taken.length === 1) return null;
      const [row] = await store.query<StepRow>(READ_STEP, id, tx);
      if (row?.fingerprint !== fingerprint) {
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
 * Settles for the earlier commit, which may have ended before it could. Only then may its write be acknowledged. The
 * outbox row stays for the drain, which settles once more. 1 Redis request, and more if Redis refuses; none if the
 * commit invalidated nothing.
 * @throws {CommitUnsettledError} if old values may be served and Redis refuses to end them.
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

/** Outcomes are kept for 2 days, in ms: longer than an answer is remembered. */
const KEPT_MS = 2 * 86_400_000;

/** Deletes the outcomes of old calls; resolves with how many. 1 statement. */
export async function forgetCalls(store: SqlStore, now: number): Promise<number> {
  const rows = await store.query<{ count: number }>(FORGET_CALLS, [new Date(now - KEPT_MS).toISOString()]);
  return rows[0]?.count ?? 0;
}

const FORGET_CALLS = `
  WITH old AS (DELETE FROM idempotent_commits WHERE committed_at < $1::timestamp RETURNING 1)
  SELECT count(*)::int AS count FROM old`;
