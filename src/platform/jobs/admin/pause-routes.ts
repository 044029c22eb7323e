/** The routes that pause and resume one thing for all tenants: `POST /queues/{name}/pause` and `/resume`. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../../http/index.ts';
import { type Budget, command, FOR_OPERATORS, type Services } from '../../rest/index.ts';
import { nameParamsSchema } from './admin-schema.ts';

/** The declaration of a thing that operators can pause. */
interface Pausable {
  noun: 'queue' | 'schedule';
  /** A sentence about the effects of a pause. */
  effects?: string;
  /** 202 if the pause has only been requested when the answer is sent. Default: 200. */
  status?: 200 | 202;
  /** How the costs differ from the usual costs of commands. */
  costs: Record<'pause' | 'resume', Budget>;
  /** Pauses or resumes, and adds the entry of the audit trail. */
  change(services: Services, name: string, verb: 'pause' | 'resume'): Promise<void>;
}

/** Adds the two routes to a router. */
export function pauseRoutes(
  router: OpenAPIHono<AppEnv>,
  { noun, effects, status = 200, costs, change }: Pausable,
): void {
  const answer = z.object({ paused: z.boolean() });
  for (const [verb, title] of [['pause', 'Pause'] as const, ['resume', 'Resume'] as const]) {
    command(router, {
      id: `${noun}s.${verb}`,
      path: `/${noun}s/{name}/${verb}`,
      tag: 'Jobs',
      access: 'jobs:admin',
      summary: `${title} a ${noun}`,
      cost: costs[verb],
      description: effects === undefined ? FOR_OPERATORS : `${effects} ${FOR_OPERATORS}`,
      harmlessTwice: true,
      params: nameParamsSchema,
      answer,
      status,
      effect: 'Done',
      problems: [404, 409],
      async run({ params: { name } }, services) {
        await change(services, name, verb);
        return { paused: verb === 'pause' };
      },
    });
  }
}
