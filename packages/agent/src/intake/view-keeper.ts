// What the agent holds of its view: nothing until the first snapshot, then the snapshot with every later change
// folded in. A message that cannot follow what is held leaves the view in force and asks for a new snapshot.

import { applyChange, viewOf } from '@neutronium/model/host-view';
import type { HostView } from '@neutronium/model/host-view';
import type { ViewMessage } from '@neutronium/model/watch-protocol';

export type Taken = { readonly ok: true; readonly view: HostView } | { readonly ok: false; readonly reason: string };

export class ViewKeeper {
  #view: HostView | null = null;
  #inStep = false;

  /** The newest view; null until the first snapshot of this process. */
  get view(): HostView | null {
    return this.#view;
  }

  /** What to name in the hello: the revision held, or null to be sent a snapshot. */
  get resumeFrom(): number | null {
    return this.#inStep && this.#view !== null ? this.#view.revision : null;
  }

  /** The view after `message`, or why the message cannot follow what is held. */
  take(message: ViewMessage): Taken {
    switch (message.kind) {
      case 'snapshot':
        this.#inStep = true;
        return this.#hold(viewOf(message.revision, message.objects));
      case 'change':
        if (this.#view === null) return this.#refuse('a change came before any snapshot');
        if (message.revision < this.#view.revision) {
          return this.#refuse(`a change to revision ${message.revision} came after revision ${this.#view.revision}`);
        }
        return this.#hold(applyChange(this.#view, message));
    }
  }

  #hold(view: HostView): Taken {
    this.#view = view;
    return { ok: true, view };
  }

  #refuse(reason: string): Taken {
    this.#inStep = false;
    return { ok: false, reason };
  }
}
