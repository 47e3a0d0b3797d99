// Keeps a topology in step with the store, and tells who is interested what each batch of entries has changed for
// which host.

import type { ChangeEntry, Store } from '../store/store.ts';
import type { AffectedKeys } from './affected-keys.ts';
import { Topology } from './topology.ts';

/** Entries that are read at once: a batch is folded in without letting anything else run. */
const batchSize = 500;

/**
 * Entries that are worth reading to spare a host the whole view. The last of them are kept, since hosts that were away
 * come back together and have missed the same: after a restart of the server, all of them.
 */
const maxMissedEntries = 5_000;

export type TopologyListener = (affected: readonly AffectedKeys[], revision: number) => void;

export interface TopologyFeedParts {
  readonly store: Store;
  readonly dnsDomain: string;
  /** Told when the store could not be read; the next notice tries again. */
  readonly onProblem: (error: unknown) => void;
}

export class TopologyFeed {
  readonly #store: Store;
  readonly #onProblem: (error: unknown) => void;
  readonly #dnsDomain: string;
  readonly #listeners = new Set<TopologyListener>();
  readonly #reloadListeners = new Set<() => void>();
  readonly #ready = Promise.withResolvers<void>();
  #topology: Topology;
  #revision = 0;
  #unsubscribe: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  /** The last entries that are folded in, without a gap. */
  #recent: readonly ChangeEntry[] = [];
  #readingBack: Promise<void> | undefined;

  constructor({ store, dnsDomain, onProblem }: TopologyFeedParts) {
    this.#store = store;
    this.#onProblem = onProblem;
    this.#dnsDomain = dnsDomain;
    this.#topology = new Topology(dnsDomain);
  }

  get topology(): Topology {
    return this.#topology;
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
    await this.#load();
    await this.#follow();
    this.#unsubscribe = this.#store.onChanges(() => this.#wake());
    this.#wake();
    this.#ready.resolve();
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#listeners.clear();
    this.#reloadListeners.clear();
    await this.#running;
  }

  /** Gives back the function that ends the subscription. */
  onChange(listener: TopologyListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** As `onChange`, for when everything has been read anew: what was said of the topology before is void. */
  onReload(listener: () => void): () => void {
    this.#reloadListeners.add(listener);
    return () => {
      this.#reloadListeners.delete(listener);
    };
  }

  /** The entries after `revision` that the topology has folded in, or undefined when they are too many or not kept. */
  async entriesSince(revision: number): Promise<readonly ChangeEntry[] | undefined> {
    if (revision > this.#revision || this.#revision - revision > maxMissedEntries) return undefined;
    if (this.#recentSince(revision) === undefined) await this.#readBack();
    // Where they are not there now either, the log has been cut, or has meanwhile gone too far ahead.
    return this.#recentSince(revision);
  }

  #recentSince(revision: number): readonly ChangeEntry[] | undefined {
    // Numbers are dense.
    const missed = this.#revision - revision;
    if (missed === 0) return [];
    return missed > this.#recent.length ? undefined : this.#recent.slice(-missed);
  }

  /** Completes what is kept with the entries before it; those who want them at the same time share the reading. */
  async #readBack(): Promise<void> {
    this.#readingBack ??= this.#readOlder().finally(() => {
      this.#readingBack = undefined;
    });
    await this.#readingBack;
  }

  async #readOlder(): Promise<void> {
    const known = this.#firstRecent;
    const from = Math.max(0, this.#revision - maxMissedEntries);
    if (known - 1 <= from) return;
    const read = await this.#store.changesAfter(from, known - 1 - from);
    const older = read.filter(({ revision }) => revision < known);
    // While these were read, others may have been folded in, and so many that nothing fits any more.
    if (older.at(-1)?.revision === known - 1 && this.#firstRecent === known) this.#keep([...older, ...this.#recent]);
  }

  get #firstRecent(): number {
    return this.#recent[0]?.revision ?? this.#revision + 1;
  }

  #keep(entries: readonly ChangeEntry[]): void {
    this.#recent = entries.slice(-maxMissedEntries);
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

  async #load(): Promise<void> {
    const topology = new Topology(this.#dnsDomain);
    // What is loaded may be newer than the revision; the entries between are then folded in once more, to no effect.
    const revision = await this.#store.revision();
    await this.#store.read((reader) => topology.load(reader));
    this.#topology = topology;
    this.#revision = revision;
    this.#recent = [];
  }

  async #follow(): Promise<void> {
    for (;;) {
      const entries = await this.#store.changesAfter(this.#revision, batchSize);
      const last = entries.at(-1);
      if (last === undefined) return;
      if (entries[0]?.revision !== this.#revision + 1) {
        // The database was out of reach for so long that others have cut the log meanwhile.
        await this.#load();
        for (const listener of this.#reloadListeners) listener();
        continue;
      }
      const affected = entries.map((entry) => this.topology.apply(entry));
      this.#revision = last.revision;
      this.#keep([...this.#recent, ...entries]);
      for (const listener of this.#listeners) listener(affected, this.#revision);
    }
  }
}
