/** The kit of REST resources: lists, rows, views and commands over cached queries and writes. */

export { addDays, dayColumn, dayOf, daysBetween, firstDay, monthOf } from './calendar.ts';
export { type CommandDefinition, command, publicCommand } from './command.ts';
export type { Budget, CachedBudget, CachedCost, Cost } from './cost.ts';
export {
  CsvError,
  type CsvErrorCode,
  csvRow,
  rowAt,
  rowsOf,
  type Separator,
  separators,
  textOf,
  withoutApostrophe,
} from './csv.ts';
export {
  type Activity,
  type ChangeActivity,
  type Entity,
  type EntityDefinition,
  type EntityWrite,
  entity,
  type NewRow,
  type RowKey,
} from './entity.ts';
export { type Amount, amountOf, placesOf, requirePlaces, sumOf } from './money.ts';
export { type Nothing, oneSchema, type Services } from './operation.ts';
export { FOR_OPERATORS, operatorsOnly } from './operators.ts';
export { addressStartsWith, contains, type Page, type PageArgs, pageWindow, startsWith, toPage } from './page.ts';
export { isRequired } from './precondition.ts';
export { type ResourceDefinition, resource } from './resource.ts';
export { dayIn, localTimeIn, momentsOf, offsetsOf, startOfDay, timeIn, timeZoneName } from './time-zone.ts';
export { nameTopic, publicView, type QueryView, view } from './view.ts';
