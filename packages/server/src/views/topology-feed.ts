// Keeps a topology in step with the store, and tells who is interested what each batch of entries has changed for
// which host.

import type { ChangeEntry, Store } from '../store/store.ts';
import type { AffectedKeys } from './affected-keys.ts';
import { Topology } from './topology.ts';

/** Entries that are read at once: a batch is folded in without letting anything else run. */
const batchSize = 500;

export type TopologyListener = (affected: readonly AffectedKeys[], revision: number) => void;

export interface TopologyFeedParts {
  readonly store: Store;
  readonly dnsDomain: string;
  /** Told when the store could not be read; the next notice tries again. */
  readonly onProblem: (error: unknown) => void;
}

export class TopologyFeed {
  readonly topology: Topology;
  readonly #store: Store;
  readonly #onProblem: (error: unknown) => void;
  readonly #listeners = new Set<TopologyListener>();
  readonly #ready = Promise.withResolvers<void>();
  #revision = 0;
  #unsubscribe: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #again = false;

  constructor({ store, dnsDomain, onProblem }: TopologyFeedParts) {
    this.#store = store;
    this.#onProblem = onProblem;
    this.topology = new Topology(dnsDomain);
  }

  /** The revision that the topology reflects. */
  get revision(): number {
    return this.#revision;
  }

  /** Resolves once the topology has been loaded. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Loads everything and follows the log from there; resolves once the topology is as new as the store. */
  async start(): Promise<void> {
    // What is loaded may be newer than the revision; the entries between are then folded in once more, to no effect.
    this.#revision = await this.#store.revision();
    await this.#store.read((reader) => this.topology.load(reader));
    await this.#follow();
    this.#unsubscribe = this.#store.onChanges(() => this.#wake());
    this.#wake();
    this.#ready.resolve();
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#listeners.clear();
    await this.#running;
  }

  /** Gives back the function that ends the subscription. */
  onChange(listener: TopologyListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The entries after `revision` that the topology has folded in, or undefined when they are too many or not kept. */
  async entriesSince(revision: number, atMost: number): Promise<readonly ChangeEntry[] | undefined> {
    const upTo = this.#revision;
    if (revision === upTo) return [];
    if (revision > upTo || upTo - revision > atMost) return undefined;
    const entries = await this.#store.changesAfter(revision, atMost + 1);
    // Numbers are dense: a first entry that is not the next one means that the log has been cut.
    if (entries[0]?.revision !== revision + 1) return undefined;
    return entries;
  }

  #wake(): void {
    this.#again = true;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.#follow();
      } catch (error) {
        this.#onProblem(error);
      }
    }
    this.#running = undefined;
  }

  async #follow(): Promise<void> {
    for (;;) {
      const entries = await this.#store.changesAfter(this.#revision, batchSize);
      const last = entries.at(-1);
      if (last === undefined) return;
      const affected = entries.map((entry) => this.topology.apply(entry));
      this.#revision = last.revision;
      for (const listener of this.#listeners) listener(affected, this.#revision);
    }
  }
}
