// What `inject` leaves for `heal`: one undo per injected fault, found again by the world and the parameters.

import type { World } from '../model/parts.ts';

/** Undo functions between inject and heal. */
export interface UndoStore {
  /** Keeps what takes the fault back. */
  keep(world: World, params: unknown, undo: () => Promise<void>): void;
  /** Runs it once; does nothing when the fault was not injected or is healed already. */
  undo(world: World, params: unknown): Promise<void>;
}

/** An empty store. The same fault with the same parameters may be in force twice; they are healed last in, first out. */
export function createUndoStore(): UndoStore {
  const worlds = new WeakMap<World, Map<string, (() => Promise<void>)[]>>();
  const undosOf = (world: World, params: unknown): (() => Promise<void>)[] => {
    const undos = worlds.get(world) ?? new Map<string, (() => Promise<void>)[]>();
    worlds.set(world, undos);
    const key = JSON.stringify(params) ?? '';
    const list = undos.get(key) ?? [];
    undos.set(key, list);
    return list;
  };
  return {
    keep: (world, params, undo) => void undosOf(world, params).push(undo),
    undo: async (world, params) => {
      await undosOf(world, params).pop()?.();
    },
  };
}
