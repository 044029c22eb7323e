/** Converts a row to the API's deal: dates as days, times in UTC, money as exact text. */
import { dayOf } from '../../platform/rest/index.ts';
import type { Deal } from './schema.ts';

/** The columns of a deal that the API returns. */
export interface DealRow {
  id: string;
  title: string;
  stage: Deal['stage'];
  value: { toFixed(places: number): string };
  valuePlaces: number;
  companyId: string | null;
  contactId: string | null;
  ownerId: string | null;
  expectedCloseDate: Date | null;
  closedAt: Date | null;
  custom: Deal['custom'];
  createdAt: Date;
  updatedAt: Date;
}

/** Returns the value of a deal as text, with the decimal places of its currency. */
function valueText({ value, valuePlaces }: Pick<DealRow, 'value' | 'valuePlaces'>): string {
  return value.toFixed(valuePlaces);
}

/** Converts a row to the form that is returned and cached. */
export function toDeal(row: DealRow): Deal {
  return {
    id: row.id,
    title: row.title,
    stage: row.stage,
    value: valueText(row),
    companyId: row.companyId,
    contactId: row.contactId,
    ownerId: row.ownerId,
    expectedCloseDate: row.expectedCloseDate && dayOf(row.expectedCloseDate),
    closedAt: row.closedAt?.toISOString() ?? null,
    custom: row.custom,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
