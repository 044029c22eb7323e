/** The API's schemas of a search. */
import { z } from '@hono/zod-openapi';
import { idSchema, wholeNumberParameter } from '../../platform/http/index.ts';
import { LONGEST_SEARCH } from '../../platform/search/index.ts';
import { stageSchema } from '../deals/schema.ts';
import { searchKinds } from './kinds.ts';
import { searchTextSchema } from './list-schema.ts';

const names = searchKinds.map(({ kind }) => kind);
const isKinds = (text: string) => text.split(',').every((name) => names.includes(name));

/** The kinds in the order of their declaration, each once, so that one set of kinds has one cache entry. */
const inOrder = (text: string) => names.filter((name) => text.split(',').includes(name)).join(',');

export const searchQuerySchema = z.strictObject({
  q: searchTextSchema(LONGEST_SEARCH).openapi({
    description: 'Words in any order, the beginnings of words, a part of an e-mail address, or digits.',
  }),
  kind: z
    .string()
    .refine(isKinds, `must be some of ${names.join(', ')}, separated by commas`)
    .transform(inOrder)
    .optional()
    .openapi({ type: 'string', description: 'The kinds of rows. Default: all.', example: 'contact,company' }),
  ownerId: idSchema.optional().openapi({ description: 'The owner; of a task, the assignee.' }),
  stage: stageSchema.optional().openapi({ description: 'The stage of a deal. Other kinds have none.' }),
  limit: wholeNumberParameter({ from: 1, to: 50, otherwise: 20 }).openapi({
    description: 'The maximum number of items.',
  }),
});

const partSchema = z.object({ text: z.string(), match: z.boolean() }).openapi('SearchPart');

export const searchResultSchema = z
  .object({
    items: z.array(
      z.object({
        kind: z.enum(names),
        id: idSchema,
        title: z.string(),
        titleParts: z.array(partSchema).openapi({ description: 'The title in parts; the matching parts are marked.' }),
        detailParts: z.array(partSchema).openapi({
          description: 'The other texts of the row, or the part around the first match, in the same form.',
        }),
      }),
    ),
    more: z.boolean().openapi({ description: 'True if more rows match. Another word narrows the search.' }),
    corrections: z.array(z.object({ from: z.string(), to: z.array(z.string()) })).openapi({
      description: 'Words that were searched in addition, because the typed word may have a typing error.',
    }),
  })
  .openapi('SearchResult');

export type SearchInput = z.output<typeof searchQuerySchema>;
export type SearchResult = z.infer<typeof searchResultSchema>;
