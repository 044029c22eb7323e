/**
 * The writes to one kind of row. Each write has the same steps: lock the row, load it, change it, invalidate the tags
 * of its old and its new state, record an activity. The steps are written only here, so no write can skip a step.
 */
import { lockRow, type Transaction, type TransactionClient } from '../db/index.ts';
import { notFound } from '../http/index.ts';
import type { Tag } from '../redis/index.ts';
import { isRequired } from './precondition.ts';

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

/**
 * An activity: the verb in the past tense, the row, and details. The details are stored with the activity, so a feed
 * can still show them when the row has been removed.
 */
export interface Activity<Kind extends string = string> {
  verb: string;
  entityType: Kind;
  entityId: string;
  data: Record<string, string | string[] | null>;
}

/** The kind of a write. The tags of a row may depend on it. */
export type EntityWrite = 'add' | 'change' | 'remove';

/** The declaration of an entity. */
export interface EntityDefinition<Kind extends string, Row extends { id: string }> {
  /** The kind in lower case, such as `deal`: the prefix of the ids, and the name in a 404 and in activities. */
  kind: Kind;
  /** The table, with the columns `tenant_id` and `id`. */
  table: string;
  load(db: TransactionClient, where: RowKey): Promise<Row>;
  /** Returns a row in the form of answers, whose text is named by ETags. */
  show(row: Row): object;
  /**
   * Returns the tags of a row's states. `states` has one state if the row is added or removed, and the old and the new
   * state if it is changed.
   */
  tags(tx: Transaction, states: readonly Row[], write: EntityWrite): readonly Tag[] | Promise<readonly Tag[]>;
  /** The tags of values that show which rows exist. An added or removed row invalidates these tags. */
  setTags?: readonly Tag[];
  /** Returns the details of a row that every activity shows, such as its name. */
  label(row: Row): Activity['data'];
  /** Stores an activity. `states` are the states of the row as in {@link EntityDefinition.tags}. */
  record(tx: Transaction, activity: Activity<Kind>, states: readonly Row[]): Promise<void>;
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

/** The writes of an entity. Each write runs inside a transaction. */
export interface Entity<Row> {
  /** Adds a row. `insert` writes the row with the given columns. */
  add(tx: Transaction, insert: (columns: NewRow) => Promise<Row>): Promise<Row>;
  /**
   * Changes a row. `update` gets the locked row and writes the change.
   * @throws {ProblemError} 404 if the row does not exist; 412 if the caller requires another state of the row.
   */
  change(
    tx: Transaction,
    id: string,
    activity: ChangeActivity<Row>,
    update: (before: Row, where: RowKey) => Promise<Row>,
  ): Promise<{ before: Row; row: Row }>;
  /**
   * Removes a row. `erase` must delete the row, and must invalidate the tags of other rows that refer to it.
   * @throws {ProblemError} 404 if the row does not exist; 412 if the caller requires another state of the row.
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
  const { kind, table, tags, setTags = [], label, record, show } = definition;

  async function lockOnly({ db, tenant }: Transaction, id: string): Promise<RowKey> {
    if (!(await lockRow(db, table, tenant, id))) throw notFound(kind);
    return { tenantId_id: { tenantId: tenant, id } };
  }

  return {
    async add(tx, insert) {
      const createdAt = new Date(tx.system.now());
      const row = await insert({ tenantId: tx.tenant, id: tx.system.rowId(kind), createdAt });
      tx.invalidate(...(await tags(tx, [row], 'add')), ...setTags);
      await record(tx, { verb: 'created', entityType: kind, entityId: row.id, data: label(row) }, [row]);
      return row;
    },
    async change(tx, id, { fields, verb, data }, update) {
      const where = await lockOnly(tx, id);
      const before = await definition.load(tx.db, where);
      if (isRequired(tx.precondition, { kind, id })) tx.precondition.check(show(before));
      const row = await update(before, where);
      tx.invalidate(...(await tags(tx, [before, row], 'change')));
      const details = { ...label(row), ...data?.(row), fields: [...fields] };
      const made = verb?.(before, row) ?? 'updated';
      await record(tx, { verb: made, entityType: kind, entityId: id, data: details }, [before, row]);
      return { before, row };
    },
    async remove(tx, id, erase) {
      const where = await lockOnly(tx, id);
      if (isRequired(tx.precondition, { kind, id })) tx.precondition.check(show(await definition.load(tx.db, where)));
      const row = await erase(where);
      tx.invalidate(...(await tags(tx, [row], 'remove')), ...setTags);
      await record(tx, { verb: 'deleted', entityType: kind, entityId: id, data: label(row) }, [row]);
    },
    async lock(tx, id) {
      return definition.load(tx.db, await lockOnly(tx, id));
    },
  };
}
