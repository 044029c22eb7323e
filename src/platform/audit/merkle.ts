/**
 * Merkle trees of RFC 9162 (Certificate Transparency), section 2.1: the root of a list of leaves, and the path that
 * proves that a leaf is in the list without the other leaves. Digests are SHA-256 as 64 hexadecimal digits.
 */
import { createHash } from 'node:crypto';

/** Returns the digest of an inner node. The byte 0x01 separates inner nodes from leaves. */
function nodeOf(left: string, right: string): string {
  return createHash('sha256').update('\x01').update(left, 'hex').update(right, 'hex').digest('hex');
}

/** The digest of the empty list. */
const EMPTY = createHash('sha256').digest('hex');

/** Returns the largest power of two below `count`: the size of the left part of a tree. */
function leftSize(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}

/** Returns the root of the tree of `leaves`. */
export function merkleRoot(leaves: readonly string[]): string {
  const [first = EMPTY] = leaves;
  if (leaves.length <= 1) return first;
  const left = leftSize(leaves.length);
  return nodeOf(merkleRoot(leaves.slice(0, left)), merkleRoot(leaves.slice(left)));
}

/**
 * Returns the path from the leaf at `position` to the root: the digests of the sibling nodes, the lowest first (RFC
 * 9162, section 2.1.3.1).
 */
export function inclusionPath(leaves: readonly string[], position: number): string[] {
  if (leaves.length <= 1) return [];
  const left = leftSize(leaves.length);
  return position < left
    ? [...inclusionPath(leaves.slice(0, left), position), merkleRoot(leaves.slice(left))]
    : [...inclusionPath(leaves.slice(left), position - left), merkleRoot(leaves.slice(0, left))];
}

/** A step of a path: the sibling of the node that was reached, its side, and the parent of both. */
export interface PathStep {
  sibling: string;
  side: 'left' | 'right';
  parent: string;
}

/**
 * Returns the steps from a leaf to the root, the lowest first, in a tree of `count` leaves (RFC 9162, section 2.1.3.2);
 * `null` if the path does not fit the tree.
 */
export function stepsOfPath(leaf: string, position: number, count: number, path: readonly string[]): PathStep[] | null {
  if (count <= 1) return position === 0 && count === 1 && path.length === 0 ? [] : null;
  const sibling = path.at(-1);
  if (sibling === undefined || position < 0 || position >= count) return null;
  const rest = path.slice(0, -1);
  const left = leftSize(count);
  const isLeft = position < left;
  const below = isLeft
    ? stepsOfPath(leaf, position, left, rest)
    : stepsOfPath(leaf, position - left, count - left, rest);
  if (below === null) return null;
  const node = below.at(-1)?.parent ?? leaf;
  const parent = isLeft ? nodeOf(node, sibling) : nodeOf(sibling, node);
  return [...below, { sibling, side: isLeft ? 'right' : 'left', parent }];
}

/**
 * Returns the root that follows from a leaf, its position and its path, in a tree of `count` leaves; `null` if the path
 * does not fit the tree.
 */
export function rootOfPath(leaf: string, position: number, count: number, path: readonly string[]): string | null {
  const steps = stepsOfPath(leaf, position, count, path);
  return steps === null ? null : (steps.at(-1)?.parent ?? leaf);
}
