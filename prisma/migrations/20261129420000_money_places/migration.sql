-- AlterTable
ALTER TABLE "accounts" ALTER COLUMN "balance" SET DATA TYPE DECIMAL(16,4);

-- AlterTable
ALTER TABLE "deal_closings" ALTER COLUMN "value" SET DATA TYPE DECIMAL(16,4);

-- AlterTable
ALTER TABLE "deal_moves" ALTER COLUMN "value" SET DATA TYPE DECIMAL(16,4);

-- AlterTable
ALTER TABLE "deals" ADD COLUMN     "value_places" SMALLINT NOT NULL DEFAULT 2,
ALTER COLUMN "value" SET DATA TYPE DECIMAL(16,4);

-- AlterTable
ALTER TABLE "ledger_entries" ALTER COLUMN "amount" SET DATA TYPE DECIMAL(16,4);

-- Written by hand: existing amounts get the decimal places of their tenant's currency (ISO 4217). Amounts in currencies
-- without decimal places are rounded to whole units, half away from zero, as `round` of numeric does. Accounts and ledger
-- entries are not rounded, because a balance is the sum of its entries.
UPDATE "deals" d SET "value_places" = 0, "value" = round(d."value")
FROM "tenants" t
WHERE t."id" = d."tenant_id" AND t."currency" IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF',
  'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF');
UPDATE "deals" d SET "value_places" = CASE WHEN t."currency" IN ('CLF', 'UYW') THEN 4 ELSE 3 END
FROM "tenants" t
WHERE t."id" = d."tenant_id" AND t."currency" IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND', 'CLF', 'UYW');
UPDATE "deal_moves" m SET "value" = round(m."value") FROM "deals" d
WHERE d."tenant_id" = m."tenant_id" AND d."id" = m."deal_id" AND d."value_places" = 0 AND m."value" <> round(m."value");
UPDATE "deal_closings" c SET "value" = round(c."value") FROM "deals" d
WHERE d."tenant_id" = c."tenant_id" AND d."id" = c."deal_id" AND d."value_places" = 0 AND c."value" <> round(c."value");
