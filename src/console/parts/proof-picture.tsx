/**
 * A proof as a picture: the leaf of the entry at the bottom, the nodes up to the root, the sibling of each on its side, and
 * the seal at the top. A table below has the same digests in full.
 */
import { type EntryProof, stepsOfPath } from '../../platform/audit/index.ts';
import { Table } from '../../platform/pages/index.ts';

const WIDTH = 640;
const ROW = 72;
const BOX = { width: 190, height: 44 };
/** The left edges of the boxes. */
const AT = { left: 4, middle: (WIDTH - BOX.width) / 2, right: WIDTH - BOX.width - 4 };

/** A box of the picture. Row 0 is at the bottom. */
interface Node {
  name: string;
  digest: string;
  row: number;
  at: keyof typeof AT;
  kind: 'path' | 'sibling' | 'wrong';
}

/** The picture and its table. `isLeaf` tells whether the leaf follows from the entry; if not, it is marked. */
export function ProofPicture({ proof: { entry, seal, path }, isLeaf }: { proof: EntryProof; isLeaf: boolean }) {
  const leaf = entry.leaf ?? '';
  const steps = stepsOfPath(leaf, entry.position ?? -1, seal.count, path);
  if (steps === null) return <p>The path does not fit a tree of {seal.count} leaves, so there is no picture.</p>;
  const root = steps.at(-1)?.parent ?? leaf;
  const isRoot = root === seal.root;
  const nameOf = (row: number) => (row === steps.length ? (row === 0 ? 'Leaf and root' : 'Root') : `Node ${row}`);
  const nodes: Node[] = [
    {
      name: steps.length === 0 ? nameOf(0) : 'Leaf of this entry',
      digest: leaf,
      row: 0,
      at: 'middle',
      kind: isLeaf ? 'path' : 'wrong',
    },
    ...steps.flatMap(({ sibling, side, parent }, index): Node[] => [
      { name: `Sibling ${index + 1}, ${side}`, digest: sibling, row: index, at: side, kind: 'sibling' },
      { name: nameOf(index + 1), digest: parent, row: index + 1, at: 'middle', kind: 'path' },
    ]),
    {
      name: `Root in seal ${seal.seal}`,
      ...{ digest: seal.root, row: steps.length + 1, at: 'middle', kind: isRoot ? 'path' : 'wrong' },
    },
  ];
  const rows = steps.length + 2;
  const label =
    `The path from the leaf of the entry, place ${(entry.position ?? 0) + 1} of ${seal.count}, ` +
    `over ${steps.length} siblings to the root, which ${isRoot ? 'is' : 'is not'} the root in seal ${seal.seal}`;
  return (
    <>
      <section class="scroll" tabindex={0} aria-label="Picture of the proof">
        <svg class="proof" viewBox={`0 0 ${WIDTH} ${rows * ROW}`} role="img" aria-label={label}>
          {nodes
            .filter(({ row }) => row < rows - 1)
            .map((node) => (
              <line
                class={node.row === rows - 2 && !isRoot ? 'wrong' : node.kind}
                x1={AT[node.at] + BOX.width / 2}
                y1={top(node.row, rows)}
                x2={WIDTH / 2}
                y2={top(node.row + 1, rows) + BOX.height}
              />
            ))}
          {nodes.map((node) => (
            <Box node={node} rows={rows} />
          ))}
        </svg>
      </section>
      <details>
        <summary>The digests of the picture</summary>
        <Table caption="Digests of the proof, from the leaf to the seal" columns={['Node', 'SHA-256']}>
          {nodes.map(({ name, digest }) => (
            <tr>
              <th scope="row">{name}</th>
              <td>
                <code>{digest}</code>
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row">Hash of seal {seal.seal}</th>
            <td>
              <code>{seal.hash}</code>
            </td>
          </tr>
        </Table>
      </details>
    </>
  );
}

function top(row: number, rows: number): number {
  return (rows - 1 - row) * ROW + (ROW - BOX.height) / 2;
}

function Box({ node: { name, digest, row, at, kind }, rows }: { node: Node; rows: number }) {
  const x = AT[at];
  const y = top(row, rows);
  return (
    <g class={kind}>
      <rect x={x} y={y} width={BOX.width} height={BOX.height} rx={6} />
      <text x={x + BOX.width / 2} y={y + 17} text-anchor="middle">
        {name}
      </text>
      <text class="digest" x={x + BOX.width / 2} y={y + 34} text-anchor="middle">
        {`${digest.slice(0, 8)}…${digest.slice(-8)}`}
      </text>
    </g>
  );
}
