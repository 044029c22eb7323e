/** Holds the answers to the client's calls against the OpenAPI document, body and all. */
import Ajv from 'ajv/dist/2020.js';
import type { CachedCost, Cost } from '../../../src/platform/rest/cost.ts';

interface Described {
  paths: Record<string, Record<string, DescribedOperation>>;
}

interface DescribedOperation {
  operationId: string;
  responses: Record<string, { content?: object }>;
  'x-cost': Cost | CachedCost;
}

interface Operation {
  id: string;
  method: string;
  path: RegExp;
  /** The place of its answers in the document. */
  place: string;
  /** The media types of each status. */
  answers: Map<number, string[]>;
  cost: Cost | CachedCost;
}

export type Contract = ReturnType<typeof createContract>;

/** A text of a JSON pointer, as a part of a reference. */
const pointer = (text: string) => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));

/** Reads a document. `answered` has the statuses of each operation so far, and `wrong` the answers that it forbids. */
export function createContract(document: object) {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(document, 'api');
  const operations: Operation[] = Object.entries((document as Described).paths)
    // Paths without parameters come first: `/deals/pipeline` is no deal.
    .toSorted(([one], [two]) => one.split('{').length - two.split('{').length)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, responses, 'x-cost': cost }]) => ({
        id: operationId,
        cost,
        method: method.toUpperCase(),
        path: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
        place: `api#/paths/${pointer(path)}/${method}/responses`,
        answers: new Map(
          Object.entries(responses).map(([status, { content = {} }]) => [Number(status), Object.keys(content)]),
        ),
      })),
    );
  const answered = new Map<string, number[]>();
  const wrong = new Map<string, string[]>();

  /** Returns the faults of an answer. */
  function faultsOf({ place, answers }: Operation, { status, headers }: Response, text: string): string[] {
    const types = answers.get(status);
    if (!types) return [`${status} is not described`];
    const [type = ''] = (headers.get('content-type') ?? '').split(';');
    if (types.length === 0) return text === '' ? [] : [`${status} has a body`];
    if (!types.includes(type)) return [`${status} is ${type}`];
    if (!type.includes('json')) return [];
    const check = ajv.compile({ $ref: `${place}/${status}/content/${pointer(type)}/schema` });
    return check(JSON.parse(text)) ? [] : [`${status}: ${ajv.errorsText(check.errors)}`];
  }

  function operationOf(url: string, method: string): Operation {
    const { pathname } = new URL(url);
    const operation = operations.find((each) => each.method === method && each.path.test(pathname));
    if (!operation) throw new Error(`The document has no ${method} ${pathname}`);
    return operation;
  }

  return {
    /** The declared cost of each operation. */
    declaredCosts: new Map(operations.map(({ id, cost }) => [id, cost])),
    idOf: (url: string, method: string) => operationOf(url, method).id,
    operations: operations.map(({ id }) => id),
    answered,
    wrong,
    /** Notes an answer. The body of a stream has no end, so only its status and type are compared. */
    async note(url: string, method: string, response: Response): Promise<void> {
      const operation = operationOf(url, method);
      const { id } = operation;
      answered.set(id, [...(answered.get(id) ?? []), response.status]);
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
      const faults = faultsOf(operation, response, isStream ? '' : await response.clone().text());
      if (faults.length > 0) wrong.set(id, [...(wrong.get(id) ?? []), ...faults]);
    },
  };
}
