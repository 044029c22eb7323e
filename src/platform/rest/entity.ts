/**
 * The writes to one kind of row. Each write has the same steps: lock the row, load it, change it, invalidate the tags
 * of its old and its new state, record an activity. The steps are written only here, so no write can skip a step.
 */
import { lockRow, type Transaction, type TransactionClient } from '../db/index.ts';
import { notFound } from '../http/index.ts';
import type { Tag } from '../redis/index.ts';

/** The key of a row, in the form of Prisma. */
export interface RowKey {
  tenantId_id: { tenantId: string; id: string };
}

/** The columns that every new row begins with. */
export interface NewRow {
  tenantId: string;
  id: string;
  createdAt: Date;
}

/** An activity: the verb in the past tense, the row, and the details that a feed still shows when the row is gone. */
export interface Activity<Kind extends string = string> {
  verb: string;
  entityType: Kind;
  entityId: string;
  data: Record<string, string | string[] | null>;
}

/** The kind of a write, which the tags may depend on. */
export type EntityWrite = 'add' | 'change' | 'remove';

/** The declaration of an entity. */
export interface EntityDefinition<Kind extends string, Row extends { id: string }> {
  /** The kind in lower case, `deal`: the prefix of its ids, its name in a 404 and in activities. */
  kind: Kind;
  /** The table, with the columns `tenant_id` and `id`. */
  table: string;
  load(db: TransactionClient, where: RowKey): Promise<Row>;
  /** Returns the tags of a row's states: one state if added or removed, the old and new state if changed. */
  tags(tx: Transaction, states: readonly Row[], write: EntityWrite): readonly Tag[] | Promise<readonly Tag[]>;
  /** The tags of values that show which rows exist. They are invalidated if a row is added or removed. */
  setTags?: readonly Tag[];
  /** Returns the details of a row that every activity shows, such as its name. */
  label(row: Row): Activity['data'];
  /** Stores an activity. */
  record(tx: Transaction, activity: Activity<Kind>): Promise<void>;
}

/** The activity of a change. */
export interface ChangeActivity<Row> {
  /** The names of the changed fields. */
  fields: readonly string[];
  /** Returns the verb of the activity. Default: `updated`. */
  verb?(before: Row, row: Row): string;
  /** Returns details in addition to the label. */
  data?(row: Row): Activity['data'];
}

/** The writes of an entity, all inside a transaction. */
export interface Entity<Row> {
  /** Adds a row. `insert` writes the row with the given columns. */
  add(tx: Transaction, insert: (columns: NewRow) => Promise<Row>): Promise<Row>;
  /**
   * Changes a row. `update` gets the locked row and writes the change.
   * @throws {ProblemError} 404 if the row does not exist.
   */
  change(
    tx: Transaction,
    id: string,
    activity: ChangeActivity<Row>,
    update: (before: Row, where: RowKey) => Promise<Row>,
  ): Promise<{ before: Row; row: Row }>;
  /**
   * Removes a row. `erase` deletes the row, and invalidates the tags of other rows that refer to the row.
   * @throws {ProblemError} 404 if the row does not exist.
   */
  remove(tx: Transaction, id: string, erase: (where: RowKey) => Promise<Row>): Promise<void>;
  /**
   * Locks a row until the transaction ends, and loads the row.
   * @throws {ProblemError} 404 if the row does not exist.
   */
  lock(tx: Transaction, id: string): Promise<Row>;
}

/** Declares the writes of a kind of row. */
export function entity<Kind extends string, Row extends { id: string }>(
  definition: EntityDefinition<Kind, Row>,
): Entity<Row> {
  const { kind, table, tags, setTags = [], label, record } = definition;

  async function lockOnly({ db, tenant }: Transaction, id: string): Promise<RowKey> {
    if (!(await lockRow(db, table, tenant, id))) throw notFound(kind);
    return { tenantId_id: { tenantId: tenant, id } };
  }

  return {
    async add(tx, insert) {
      const createdAt = new Date(tx.system.now());
      const row = await insert({ tenantId: tx.tenant, id: tx.system.rowId(kind), createdAt });
      tx.invalidate(...(await tags(tx, [row], 'add')), ...setTags);
      await record(tx, { verb: 'created', entityType: kind, entityId: row.id, data: label(row) });
      return row;
    },
    async change(tx, id, { fields, verb, data }, update) {
      const where = await lockOnly(tx, id);
      const before = await definition.load(tx.db, where);
      const row = await update(before, where);
      tx.invalidate(...(await tags(tx, [before, row], 'change')));
      await record(tx, {
        verb: verb?.(before, row) ?? 'updated',
        entityType: kind,
        entityId: id,
        data: { ...label(row), ...data?.(row), fields: [...fields] },
      });
      return { before, row };
    },
    async remove(tx, id, erase) {
      const row = await erase(await lockOnly(tx, id));
      tx.invalidate(...(await tags(tx, [row], 'remove')), ...setTags);
      await record(tx, { verb: 'deleted', entityType: kind, entityId: id, data: label(row) });
    },
    async lock(tx, id) {
      return definition.load(tx.db, await lockOnly(tx, id));
    },
  };
}
