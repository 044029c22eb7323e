/** The API's form of a user's preferences. */
import { z } from '@hono/zod-openapi';
import { changesSchema } from '../../platform/http/index.ts';

const theme = z.enum(['system', 'light', 'dark']);
const weekStart = z.enum(['monday', 'saturday', 'sunday']);
const startPage = z.enum(['dashboard', 'companies', 'contacts', 'deals', 'projects', 'tasks']);
const pageSize = z.int().min(1).max(100);

/** The kinds of notifications that a user can turn off. */
export const notificationKinds = ['task.assigned', 'deal.won'] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** The preferences that a user has set. The others have their defaults. */
export const chosenSchema = z
  .strictObject({
    theme,
    weekStart,
    startPage,
    pageSize,
    notify: z.strictObject({ 'task.assigned': z.boolean(), 'deal.won': z.boolean() }).partial(),
  })
  .partial();

export type Chosen = z.output<typeof chosenSchema>;

export const preferencesSchema = z
  .object({
    theme,
    weekStart,
    startPage,
    pageSize,
    notify: z.object({ 'task.assigned': z.boolean(), 'deal.won': z.boolean() }),
  })
  .openapi('Preferences');

export type Preferences = z.output<typeof preferencesSchema>;

export const preferencesPatchSchema = changesSchema(
  z.strictObject({
    theme: theme.nullable(),
    weekStart: weekStart.nullable(),
    startPage: startPage.nullable(),
    pageSize: pageSize.nullable(),
    notify: z
      .strictObject({ 'task.assigned': z.boolean().nullable(), 'deal.won': z.boolean().nullable() })
      .partial()
      .nullable(),
  }),
).openapi('PreferencesPatch');

/** Returns the preferences with the defaults of those that the user has not set. */
export function withDefaults({ theme, weekStart, startPage, pageSize, notify }: Chosen): Preferences {
  return {
    theme: theme ?? 'system',
    weekStart: weekStart ?? 'monday',
    startPage: startPage ?? 'dashboard',
    pageSize: pageSize ?? 25,
    notify: {
      'task.assigned': notify?.['task.assigned'] ?? true,
      'deal.won': notify?.['deal.won'] ?? true,
    },
  };
}
