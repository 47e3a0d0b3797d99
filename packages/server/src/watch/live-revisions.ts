// Whether what was asked for is live: how far each host has come, by the revisions that it has acknowledged, and a way
// to wait for it. A host is concerned by a revision when something in its view has changed up to there since the last
// that it acknowledged; a host that nothing concerns is never waited for, whether it is there or not.

export interface LaggingHost {
  readonly host: string;
  /** The last revision that is known to be really on the host; null where none is known since this server began. */
  readonly applied_revision: number | null;
  readonly why: string;
}

export interface Progress {
  /** What the server has itself taken in. */
  readonly revision: number;
  /** Hosts that are connected, with the last revision that each has applied. */
  readonly connected: ReadonlyMap<string, number>;
  /** Hosts whose views are not empty. */
  readonly hosts: Iterable<string>;
}

export class LiveRevisions {
  #progress: () => Progress = () => ({ revision: 0, connected: new Map(), hosts: [] });
  /** The last revision that changed something in the host's view. */
  readonly #changedAt = new Map<string, number>();
  readonly #appliedWhenLeft = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  /** Where the state of things is read from now on. */
  follow(progress: () => Progress): void {
    this.#progress = progress;
    this.moved();
  }

  /** Something in the host's view has changed with that revision. */
  concerns(host: string, revision: number): void {
    this.#changedAt.set(host, revision);
  }

  /** The host's connection has ended, and this is the last that it acknowledged. */
  left(host: string, applied: number): void {
    this.#appliedWhenLeft.set(host, applied);
    this.moved();
  }

  /** A host, or the server itself, has come further. */
  moved(): void {
    for (const look of this.#waiting) look();
  }

  /** The hosts on which `revision` is not live yet; null while the server has not taken it in itself. */
  lagging(revision: number): readonly LaggingHost[] | null {
    const { revision: own, connected, hosts } = this.#progress();
    if (own < revision) return null;
    const names = new Set([...hosts, ...this.#changedAt.keys()]);
    return [...names].toSorted().flatMap((host) => this.#stateOf(host, revision, connected.get(host)) ?? []);
  }

  /** As `lagging`, once there are none or the time is over. */
  async wait(revision: number, timeoutMs: number): Promise<readonly LaggingHost[] | null> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.lagging(revision)?.length === 0) resolve();
    };
    const timer = setTimeout(resolve, timeoutMs);
    this.#waiting.add(look);
    look();
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(look);
    return this.lagging(revision);
  }

  #stateOf(host: string, revision: number, applied: number | undefined): LaggingHost | undefined {
    const changedAt = this.#changedAt.get(host);
    if (applied !== undefined) {
      if (applied >= revision || (changedAt ?? 0) <= applied) return undefined;
      return { host, applied_revision: applied, why: 'has not applied what it was sent' };
    }
    const before = this.#appliedWhenLeft.get(host);
    if (before === undefined) return { host, applied_revision: null, why: 'has not been connected to this server' };
    if (before >= revision || (changedAt ?? 0) <= before) return undefined;
    return { host, applied_revision: before, why: 'is not connected' };
  }
}
