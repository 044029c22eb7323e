/** The generated file of operations: the table that the client reads, and the type of its functions. */
import type { Document, Operation } from './document.ts';

interface Named {
  noun: string;
  verb: string;
  method: string;
  path: string;
  operation: Operation;
  hasKey: boolean;
}

const LETTERS: Readonly<Record<string, string>> = { get: 'G', post: 'P', put: 'U', patch: 'A', delete: 'D' };

/**
 * Returns the text of the file.
 * @param full the whole document: the parameters in headers tell which operations accept an idempotency key
 * @throws {Error} for an operation that the client could not send
 */
export function operationsFile(full: Document): string {
  const nouns = new Map<string, Named[]>();
  for (const named of namedIn(full)) nouns.set(named.noun, [...(nouns.get(named.noun) ?? []), named]);
  const table = [...nouns].map(([noun, all]) => [noun, ...all.map(entryOf)].join(' '));
  const members = [...nouns].map(([noun, all]) => `  ${noun}: {\n${all.map(memberOf).join('')}  };\n`);
  return `import type { Call, Listen } from '../types.ts';

/**
 * The operations: a line for each noun, with its verbs, methods and paths. The letters of the methods are in routes.ts.
 */
export const OPERATIONS = \`${table.join('\n')}\`;

/** The API: a function for each operation. */
export interface Api {
${members.join('')}}
`;
}

function namedIn({ paths }: Document): Named[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const [noun = '', verb = ''] = operation.operationId.split('.');
      const { parameters = [] } = operation;
      checkSendable(operation);
      const hasKey = parameters.some((each) => each.name === 'Idempotency-Key');
      return { noun, verb, method, path, operation, hasKey };
    }),
  );
}

/**
 * The values of a path, those of a query and the body are given in one object, and the type of a text is `text/csv`.
 * @throws {Error} for an operation that breaks these rules
 */
function checkSendable({ operationId, parameters = [], requestBody }: Operation): void {
  const names = parameters.filter((each) => each.in !== 'header').map(({ name }) => name);
  const twice = names.filter((name, at) => name === 'body' || names.indexOf(name) !== at);
  const types = Object.keys(requestBody?.content ?? {}).filter(
    (type) => !/^(?:application\/json|text\/csv)$/.test(type),
  );
  const wrong = [...twice, ...types];
  if (wrong.length > 0) throw new Error(`The client cannot send ${wrong.join(', ')} of ${operationId}`);
}

function isStream({ responses }: Operation): boolean {
  return Object.values(responses).some(({ content = {} }) => 'text/event-stream' in content);
}

function entryOf({ verb, method, path, operation, hasKey }: Named): string {
  const letter = isStream(operation) ? 'S' : hasKey ? 'K' : LETTERS[method];
  return `${verb}${letter}${path.replace(/\{(\w+)\}/g, ':$1')}`;
}

function memberOf({ verb, method, path, operation }: Named): string {
  const type = isStream(operation) ? 'Listen' : `Call<'${operation.operationId}'>`;
  return `    /** ${operation.summary}: \`${method.toUpperCase()} ${path}\`. */\n    ${verb}: ${type};\n`;
}
