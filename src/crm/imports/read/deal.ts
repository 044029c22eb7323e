/** The fields of a deal from the cells of a row. */
import { daySchema, idSchema, moneyInputSchema, textSchema } from '../../../platform/http/index.ts';
import { newDealSchema, stageSchema } from '../../deals/schema.ts';
import type { Cells } from './cells.ts';
import type { DealValues } from './plan.ts';

/** Reads a deal. */
export function dealValues(cells: Cells): DealValues {
  return {
    id: cells.valid('id', cells.first('id'), idSchema),
    title: cells.valid('title', cells.first('title'), newDealSchema.shape.title),
    stage: cells.valid('stage', cells.first('stage')?.toLowerCase(), stageSchema),
    value: cells.valid('value', cells.first('value'), moneyInputSchema),
    currency: cells.first('currency'),
    company: cells.valid('company', cells.first('company'), textSchema(200)),
    contact: cells.valid('contact', cells.first('contact'), textSchema(200)),
    contactEmail: cells.first('contactEmail'),
    expectedCloseDate: cells.valid('expectedCloseDate', cells.first('expectedCloseDate'), daySchema),
    owner: cells.first('owner'),
  };
}
