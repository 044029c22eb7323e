/** The text of a search: of `GET /search`, and of lists that are searched by words only. */
import { textSchema } from '../../platform/http/index.ts';
import { readSearch } from '../../platform/search/index.ts';

/** Returns the schema of a text with at most so many characters, of which one is a letter or a digit. */
export function searchTextSchema(longest: number) {
  return textSchema(longest).refine((text) => text === '' || readSearch(text).length > 0, 'needs a letter or a digit');
}

/** Returns the schema of the parameter `search` of a list, whose words are searched in these texts of a row. */
export function listSearchSchema(texts: string) {
  return searchTextSchema(100)
    .optional()
    .openapi({ description: `Beginnings of words of the ${texts}. A word of one letter must be the whole word.` });
}
