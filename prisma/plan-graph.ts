/**
 * The graph by which a Prisma client finds the values in a query, so that queries that differ only in values share a
 * compiled plan. Most of the graph describes writes nested in writes (`data: { owner: { create: … } }`), which this
 * code does not use, and takes up a fortieth of the size limit of Workers. A query outside the reduced graph still
 * works, but is compiled on each call.
 *
 * The form is Prisma's own (7.10, `runtime/*.mjs`): base64url of three counts, then nodes of inputs, nodes of outputs
 * and roots. Numbers are LEB128; an optional number is written plus one, and 0 for none.
 */

interface InputEdge {
  name: number;
  scalarMask: number;
  child: number | undefined;
  enumName: number | undefined;
  flags: number;
}
/** A selected field: the nodes of its arguments and of its own selection. Roots have the same form. */
interface OutputEdge {
  name: number;
  args: number | undefined;
  output: number | undefined;
}
interface Graph {
  inputs: InputEdge[][];
  outputs: OutputEdge[][];
  roots: OutputEdge[];
}

/** The keys of a relation's field in the data of a write. */
const NESTED_WRITES = new Set(
  'create createMany connectOrCreate connect upsert update updateMany delete deleteMany disconnect set'.split(' '),
);

/** The graph without nested writes. `names` are the texts to which its numbers refer. */
export function withoutNestedWrites(encoded: string, names: readonly string[]): string {
  const graph = decode(encoded);
  const ofRoots = new Set(graph.roots.map(({ args }) => args));
  // The arguments of an action are called `create` and `update` too, and stay.
  const kept = graph.inputs.map((edges, node) =>
    ofRoots.has(node)
      ? edges
      : edges.filter(({ name, child }) => child === undefined || !NESTED_WRITES.has(names[name] ?? '')),
  );
  // Nodes that had only nested writes are empty now.
  const isEmpty = (node: number | undefined) => node !== undefined && kept[node]?.length === 0;
  const inputs = kept.map((edges) => edges.filter(({ child }) => !isEmpty(child)));
  return encode(reachable({ ...graph, inputs }));
}

/** The nodes reachable from a root, renumbered. */
function reachable({ inputs, outputs, roots }: Graph): Graph {
  const newInputs = new Map<number, number>();
  const newOutputs = new Map<number, number>();
  const waiting: (() => void)[] = [];
  const visit = (numbers: Map<number, number>, node: number | undefined, next: (node: number) => void) => {
    if (node === undefined || numbers.has(node)) return;
    numbers.set(node, numbers.size);
    waiting.push(() => next(node));
  };
  const visitInput = (node: number | undefined): void =>
    visit(newInputs, node, (each) => {
      for (const { child } of inputs[each] ?? []) visitInput(child);
    });
  const visitOutput = (edge: OutputEdge): void => {
    visitInput(edge.args);
    visit(newOutputs, edge.output, (each) => {
      for (const next of outputs[each] ?? []) visitOutput(next);
    });
  };
  for (const root of roots) visitOutput(root);
  for (let next = waiting.shift(); next; next = waiting.shift()) next();

  const renumbered = (numbers: Map<number, number>, node: number | undefined) =>
    node === undefined ? undefined : numbers.get(node);
  const outputEdge = (edge: OutputEdge): OutputEdge => ({
    ...edge,
    args: renumbered(newInputs, edge.args),
    output: renumbered(newOutputs, edge.output),
  });
  return {
    inputs: [...newInputs.keys()].map((node) =>
      (inputs[node] ?? []).map((edge) => ({ ...edge, child: renumbered(newInputs, edge.child) })),
    ),
    outputs: [...newOutputs.keys()].map((node) => (outputs[node] ?? []).map(outputEdge)),
    roots: roots.map(outputEdge),
  };
}

function decode(encoded: string): Graph {
  const bytes = Buffer.from(encoded, 'base64url');
  let at = 0;
  const byte = () => bytes[at++] ?? 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const each = byte();
      value |= (each & 127) << shift;
      if (each < 128) return value;
    }
  };
  const optional = () => {
    const value = number();
    return value === 0 ? undefined : value - 1;
  };
  const list = <Item>(length: number, read: () => Item): Item[] => Array.from({ length }, read);
  const outputEdge = (): OutputEdge => ({ name: number(), args: optional(), output: optional() });
  const [inputCount, outputCount, rootCount] = [number(), number(), number()];
  const graph = {
    inputs: list(inputCount, () =>
      list(number(), () => ({
        name: number(),
        scalarMask: byte() | (byte() << 8),
        child: optional(),
        enumName: optional(),
        flags: byte(),
      })),
    ),
    outputs: list(outputCount, () => list(number(), outputEdge)),
    roots: list(rootCount, outputEdge),
  };
  if (at !== bytes.length) throw new Error('The graph of query plans does not have the form of Prisma 7.10');
  return graph;
}

function encode({ inputs, outputs, roots }: Graph): string {
  const bytes: number[] = [];
  const number = (value: number) => {
    let rest = value;
    for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128);
    bytes.push(rest);
  };
  const optional = (value: number | undefined) => number(value === undefined ? 0 : value + 1);
  const outputEdge = ({ name, args, output }: OutputEdge) => {
    number(name);
    optional(args);
    optional(output);
  };
  for (const count of [inputs.length, outputs.length, roots.length]) number(count);
  for (const edges of inputs) {
    number(edges.length);
    for (const { name, scalarMask, child, enumName, flags } of edges) {
      number(name);
      bytes.push(scalarMask & 255, scalarMask >> 8);
      optional(child);
      optional(enumName);
      bytes.push(flags);
    }
  }
  for (const edges of outputs) {
    number(edges.length);
    for (const edge of edges) outputEdge(edge);
  }
  for (const root of roots) outputEdge(root);
  return Buffer.from(bytes).toString('base64url');
}
