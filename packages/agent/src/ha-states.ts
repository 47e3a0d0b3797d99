// What this host is to its highly available routers, as keepalived writes it down: read when the agent begins, and again
// whenever a file changes. Nothing is planned before the first reading, or an agent that begins would take from active
// routers what only those have.

import { haFolder, stateFile } from '@neutronium/dataplane/services/keepalived';
import type { HaState } from '@neutronium/model/watch-protocol';
import type { Files } from '#effects/files';
import type { FolderWatch } from '#effects/folder-watch';

export interface HaStatesParts {
  readonly files: Pick<Files, 'list' | 'readText'>;
  readonly folders: FolderWatch;
  readonly stateDir: string;
  readonly onChange: () => void;
  /** A file could not be read. The host is taken to stand by. */
  readonly onFailed: (error: unknown) => void;
}

export class HaStates implements Disposable {
  readonly #parts: HaStatesParts;
  readonly #folder: string;
  readonly #watches = new Map<string, Disposable>();
  readonly #looking = new Set<string>();
  readonly #again = new Set<string>();
  #known: ReadonlyMap<string, HaState> | null = null;

  constructor(parts: HaStatesParts) {
    this.#parts = parts;
    this.#folder = haFolder(parts.stateDir);
  }

  /** By router; null until they have been read. A new value whenever it differs. */
  get known(): ReadonlyMap<string, HaState> | null {
    return this.#known;
  }

  /** Reads what an earlier agent's routers have become. */
  async read(): Promise<void> {
    const ids = await this.#parts.files.list(this.#folder).catch((error: unknown) => {
      this.#parts.onFailed(error);
      return [];
    });
    const states = new Map<string, HaState>();
    for (const id of ids) {
      const state = await this.#stateOf(id);
      if (state !== null) states.set(id, state);
    }
    this.#known = states;
    this.#parts.onChange();
  }

  /** These routers are here, and no others, and their folders have been made unless something went wrong. */
  follow(routerIds: ReadonlySet<string>): void {
    for (const [id, watch] of this.#watches) {
      if (routerIds.has(id)) continue;
      watch[Symbol.dispose]();
      this.#watches.delete(id);
      this.#put(id, null);
    }
    for (const id of routerIds) if (!this.#watches.has(id)) this.#begin(id);
  }

  [Symbol.dispose](): void {
    for (const watch of this.#watches.values()) watch[Symbol.dispose]();
    this.#watches.clear();
  }

  #begin(id: string): void {
    try {
      this.#watches.set(
        id,
        this.#parts.folders.watch(`${this.#folder}/${id}`, () => void this.#look(id)),
      );
    } catch {
      // Where the folder could not be made, the next round makes it, and it is watched then.
      return;
    }
    // It may have been written before it was watched.
    void this.#look(id);
  }

  /** One reading at a time: of two that overlap, the earlier one could be the last to be heard. */
  async #look(id: string): Promise<void> {
    if (this.#looking.has(id)) {
      this.#again.add(id);
      return;
    }
    this.#looking.add(id);
    do {
      this.#again.delete(id);
      const state = await this.#stateOf(id);
      if (this.#watches.has(id)) this.#put(id, state);
    } while (this.#again.has(id));
    this.#looking.delete(id);
  }

  #put(id: string, state: HaState | null): void {
    if (this.#known === null || (this.#known.get(id) ?? null) === state) return;
    const states = new Map(this.#known);
    if (state === null) states.delete(id);
    else states.set(id, state);
    this.#known = states;
    this.#parts.onChange();
  }

  async #stateOf(id: string): Promise<HaState | null> {
    try {
      const text = await this.#parts.files.readText(`${this.#folder}/${id}/${stateFile}`);
      if (text === null) return null;
      return text.trim() === 'primary' ? 'active' : 'standby';
    } catch (error) {
      this.#parts.onFailed(error);
      return null;
    }
  }
}
