/** The type of the transaction in this application's writes, with the models of its schema. */
import type { Transaction as AnyTransaction } from '../outbox/index.ts';
import type { TransactionClient } from './client.ts';

/** A transaction that writes with Prisma. */
export type Transaction = AnyTransaction<TransactionClient>;
