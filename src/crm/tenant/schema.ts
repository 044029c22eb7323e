/** The API's form of a tenant's settings, and of time zones. */
import { z } from '@hono/zod-openapi';
import { changesSchema } from '../../platform/http/index.ts';
import { timeZoneName } from '../../platform/rest/index.ts';

/** The time zone of an answer. */
export const timeZoneSchema = z.string().openapi({ example: 'Europe/Berlin' });

/** A time zone in a request: an IANA name. */
export const timeZoneInputSchema = z
  .string()
  .transform((text, context) => {
    const name = timeZoneName(text);
    if (name !== null) return name;
    context.addIssue({ code: 'custom', message: 'must be an IANA time zone, such as Europe/Berlin' });
    return z.NEVER;
  })
  .openapi({ type: 'string', example: 'Europe/Berlin' });

const timeZone = timeZoneInputSchema.nullable().openapi({ description: 'An IANA name. Null is UTC.' });

export const tenantSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    currency: z.string().openapi({ example: 'EUR', description: 'All amounts are in it.' }),
    timeZone: timeZoneSchema.nullable().openapi({
      description:
        'Today, overdue and the months of reports follow it, unless a user has an own time zone. Null is UTC.',
    }),
  })
  .openapi('Tenant');

export const tenantChangesSchema = changesSchema(z.strictObject({ timeZone })).openapi('TenantChanges');
