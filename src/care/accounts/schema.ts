/** The API's schemas of accounts and of the ledger. */
import { z } from '@hono/zod-openapi';
import {
  idSchema,
  momentSchema,
  moneySchema,
  noteSchema,
  textSchema,
  wholeNumberParameter,
} from '../../platform/http/index.ts';

export const accountKinds = ['patient', 'insurer', 'cash', 'revenue', 'adjustment'] as const;
export type AccountKind = (typeof accountKinds)[number];

const ledgerKinds = ['charge', 'payment', 'adjustment', 'claim', 'reversal'] as const;
export type LedgerKind = (typeof ledgerKinds)[number];

const balanceSchema = moneySchema.openapi({
  example: '-120.00',
  description: 'The sum of all entries. A patient with a positive balance has to pay.',
});

export const accountSchema = z
  .object({
    id: idSchema,
    kind: z.enum(accountKinds),
    patientId: idSchema.nullable(),
    insurer: z.string().nullable(),
    currency: z.string(),
    balance: balanceSchema,
    version: z.int().openapi({ description: 'The number of entries.' }),
  })
  .openapi('CareAccount');
export type Account = z.infer<typeof accountSchema>;

export const accountsSchema = z.object({ items: z.array(accountSchema) }).openapi('CareAccounts');

export const entrySchema = z
  .object({
    id: idSchema.openapi({ description: 'The transaction of the entry.' }),
    version: z.int().openapi({ description: 'The place in the account: 1, 2, 3, …' }),
    kind: z.enum(ledgerKinds),
    amount: moneySchema,
    balance: balanceSchema.openapi({ description: 'The balance after the entry.' }),
    reversesId: idSchema.nullable(),
    memo: z.string().nullable(),
    at: momentSchema,
  })
  .openapi('LedgerEntry');
export type Entry = z.infer<typeof entrySchema>;

export const entryPageSchema = z
  .object({ items: z.array(entrySchema), nextCursor: z.string().nullable() })
  .openapi('LedgerEntryPage');

export const entryPageQuerySchema = z.strictObject({
  limit: wholeNumberParameter({ from: 1, to: 100, otherwise: 25 }),
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'must be the `nextCursor` of a page')
    .optional(),
});

/** Money that may be negative: an adjustment raises or lowers what a patient has to pay. */
const amountSchema = z
  .string()
  .regex(/^-?\d{1,12}(\.\d{1,4})?$/, 'must be a decimal number with at most the decimal places of the currency')
  .refine((text) => /[1-9]/.test(text), 'must not be zero')
  .openapi({ example: '45.00' });

export const newEntrySchema = z
  .strictObject({
    kind: z.enum(['charge', 'payment', 'adjustment', 'claim']).openapi({
      description:
        'A charge raises the balance against the revenue, a payment lowers it against the cash, an adjustment changes ' +
        'it by its sign, and a claim moves it to the account of an insurer.',
    }),
    amount: amountSchema,
    insurer: textSchema(80).optional().openapi({ description: 'For a claim: the name of the insurer.' }),
    memo: noteSchema(500).optional(),
  })
  .refine(({ kind, amount }) => kind === 'adjustment' || !amount.startsWith('-'), {
    message: 'must be positive, except for an adjustment',
    path: ['amount'],
  })
  .refine(({ kind, insurer }) => (kind === 'claim') === (insurer !== undefined), {
    message: 'is needed for a claim, and for nothing else',
    path: ['insurer'],
  })
  .openapi('NewLedgerEntry');
export type NewEntry = z.infer<typeof newEntrySchema>;

export const postedSchema = z
  .object({
    id: idSchema,
    kind: z.enum(ledgerKinds),
    accounts: z.array(z.object({ id: idSchema, amount: moneySchema, balance: balanceSchema, version: z.int() })),
  })
  .openapi('LedgerTransaction');
export type Posted = z.infer<typeof postedSchema>;

export const trialBalanceSchema = z
  .object({
    items: z.array(z.object({ currency: z.string(), kind: z.enum(accountKinds), balance: moneySchema })),
    totals: z.array(z.object({ currency: z.string(), total: moneySchema })).openapi({
      description: 'The sum of all balances in a currency, which is zero.',
    }),
  })
  .openapi('TrialBalance');
export type TrialBalance = z.infer<typeof trialBalanceSchema>;
