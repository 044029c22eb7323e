/** The argument of every write of this application: its models are those of its schema. */
import type { Transaction as AnyTransaction } from '../outbox/index.ts';
import type { TransactionClient } from './client.ts';

/** A transaction that writes with Prisma. */
export type Transaction = AnyTransaction<TransactionClient>;
