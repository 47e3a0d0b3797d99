// What one host is sent, and when: first a snapshot or what it has missed, then the objects that have changed. Changes
// that wait are kept as names and looked up when they are sent, so that a host which is behind gets each object once,
// in its newest state, and costs no more memory than its view has objects.

import type { HostObject, ObjectKey, ViewChange } from '@neutronium/model/host-view';
import { changeFrame, snapshotFrame } from './frames.ts';

/** Where the objects come from. */
export interface ViewSource {
  /** The revision that the objects are of. */
  readonly revision: number;
  object(host: string, key: ObjectKey): HostObject | undefined;
  objectsOf(host: string): readonly HostObject[];
}

/** The connection, as far as sending goes. */
export interface FrameSink {
  /** Bytes handed over and not yet on their way. */
  readonly bufferedBytes: number;
  send(frame: string): void;
}

/** Changes that may be under way at once; beyond them everything is gathered and sent no more than once a pause. */
const maxUnacknowledged = 32;

/** Bytes that may wait in the connection before nothing more is given to it. */
const maxBufferedBytes = 4 * 1024 * 1024;

/** A host that has nothing to be told is still told the revision after so many, so that it can resume from near. */
const maxSilentRevisions = 1000;

export type SendOutcome =
  | 'sent'
  | 'nothing to send'
  /** The host is behind: try again after a pause, or when it has acknowledged something. */
  | 'behind';

export class HostStream {
  readonly #host: string;
  readonly #source: ViewSource;
  readonly #sink: FrameSink;
  readonly #waiting = new Map<string, ObjectKey>();
  /** Revisions that were sent and not acknowledged, oldest first. */
  #unacknowledged: number[] = [];
  #sentRevision = 0;
  #acknowledged = 0;

  constructor(host: string, source: ViewSource, sink: FrameSink) {
    this.#host = host;
    this.#source = source;
    this.#sink = sink;
  }

  /** Sends the whole view. What waited is in it. */
  sendSnapshot(): void {
    this.#waiting.clear();
    this.#send(snapshotFrame(this.#source.revision, this.#source.objectsOf(this.#host)));
  }

  /** Sends a host that holds an earlier view what may have changed since: `keys`, and what waits. */
  resume(keys: readonly ObjectKey[]): void {
    this.add(keys);
    this.#send(changeFrame(this.#takeWaiting()));
  }

  /** Objects of these names may have changed. */
  add(keys: readonly ObjectKey[]): void {
    for (const key of keys) this.#waiting.set(`${key.section}/${key.id}`, key);
  }

  /** The last revision that is known to be really on the host. */
  get appliedRevision(): number {
    const inStep = this.#sentRevision > 0 && this.#unacknowledged.length === 0 && this.#waiting.size === 0;
    // Nothing that came since has changed anything for the host.
    return inStep ? this.#source.revision : this.#acknowledged;
  }

  /** The host has applied everything up to `revision`. */
  acknowledge(revision: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, revision);
    this.#unacknowledged = this.#unacknowledged.filter((sent) => sent > revision);
  }

  /** Sends what waits, unless the host is behind; with `evenIfBehind`, only a full connection holds it back. */
  flush(evenIfBehind = false): SendOutcome {
    const silent = this.#source.revision - this.#sentRevision;
    if (this.#waiting.size === 0 && silent < maxSilentRevisions) return 'nothing to send';
    if (this.#sink.bufferedBytes > maxBufferedBytes) return 'behind';
    if (!evenIfBehind && this.#unacknowledged.length >= maxUnacknowledged) return 'behind';
    this.#send(changeFrame(this.#takeWaiting()));
    return 'sent';
  }

  #takeWaiting(): ViewChange {
    const set: HostObject[] = [];
    const remove: ObjectKey[] = [];
    for (const key of this.#waiting.values()) {
      const object = this.#source.object(this.#host, key);
      if (object === undefined) remove.push(key);
      else set.push(object);
    }
    this.#waiting.clear();
    return { revision: this.#source.revision, set, remove };
  }

  #send(frame: string): void {
    this.#sentRevision = this.#source.revision;
    this.#unacknowledged.push(this.#sentRevision);
    // Acknowledgements name revisions, so the newest of those beyond the bound stands for the ones before it.
    if (this.#unacknowledged.length > maxUnacknowledged) this.#unacknowledged.splice(-2, 1);
    this.#sink.send(frame);
  }
}
