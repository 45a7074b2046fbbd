// The rules of shelves that stand in each other. Pure.

type Placed = { shelfId: string; parentShelfId: string | null };

/** Shelves nest no deeper than this; a shelf at the top is the first level. */
export const SHELF_LEVELS = 10;

export type ShelfNode<Shelf> = Shelf & { children: ShelfNode<Shelf>[] };

/** Returns the shelves at the top with those below them, in the order of the list. */
export function treeOf<Shelf extends Placed>(shelves: Shelf[]): ShelfNode<Shelf>[] {
  const nodes = new Map<string, ShelfNode<Shelf>>(
    shelves.map((shelf) => [shelf.shelfId, { ...shelf, children: [] }]),
  );
  const roots: ShelfNode<Shelf>[] = [];
  for (const node of nodes.values()) {
    const parent = node.parentShelfId === null ? undefined : nodes.get(node.parentShelfId);
    (parent?.children ?? roots).push(node);
  }
  return roots;
}

/** Returns the ids of the shelf and of all below it. */
export function withDescendants(shelves: readonly Placed[], shelfId: string): Set<string> {
  const children = Map.groupBy(shelves, (shelf) => shelf.parentShelfId);
  const found = new Set([shelfId]);
  for (const id of found) for (const child of children.get(id) ?? []) found.add(child.shelfId);
  return found;
}

/** Says why the shelf cannot stand below this parent; undefined when it can. A new shelf has no id yet. */
export function wrongParent(
  shelves: readonly (Placed & { name: string; isSmart: boolean })[],
  shelfId: string | undefined,
  parentId: string,
): string | undefined {
  const byId = new Map(shelves.map((shelf) => [shelf.shelfId, shelf]));
  const parent = byId.get(parentId);
  if (parent === undefined) return 'There is no such shelf.';
  if (parent.isSmart) return `"${parent.name}" is a smart shelf: no shelf can stand in it.`;
  const below = shelfId === undefined ? undefined : withDescendants(shelves, shelfId);
  if (below?.has(parentId) === true) return 'A shelf cannot stand in itself or below itself.';
  const depth = levelOf(byId, parentId) + (shelfId === undefined ? 1 : heightOf(shelves, shelfId));
  return depth > SHELF_LEVELS ? `Shelves can stand in each other ${SHELF_LEVELS} deep at most.` : undefined;
}

function levelOf(byId: ReadonlyMap<string, Placed>, shelfId: string): number {
  let level = 0;
  for (let id: string | null = shelfId; id !== null; id = byId.get(id)?.parentShelfId ?? null) level++;
  return level;
}

/** Levels from the shelf down to the lowest below it: 1 when nothing is. */
function heightOf(shelves: readonly Placed[], shelfId: string): number {
  const children = Map.groupBy(shelves, (shelf) => shelf.parentShelfId);
  let height = 0;
  for (let level = [shelfId]; level.length > 0; height++) {
    level = level.flatMap((id) => (children.get(id) ?? []).map((child) => child.shelfId));
  }
  return height;
}
