/** Removes every row of every tenant, for tests that begin with an empty database. */

/** The triggers that refuse TRUNCATE, by table. Audit entries and seals name no tenant's row, so TRUNCATE passes them by. */
const REFUSING = {
  ledger_transactions: 'ledger_transactions_no_truncate',
  postings: 'postings_no_truncate',
} as const;

const switched = (verb: 'DISABLE' | 'ENABLE') =>
  Object.entries(REFUSING)
    .map(([table, trigger]) => `ALTER TABLE ${table} ${verb} TRIGGER ${trigger};`)
    .join(' ');

/** The statements, to be sent as one text. The ledger refuses them otherwise. */
export const FORGET_TENANTS = `${switched('DISABLE')} TRUNCATE tenants CASCADE; ${switched('ENABLE')}`;
