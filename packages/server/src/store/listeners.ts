// Those who want to know that there may be changes. Many commits of one moment make one call.

/** Long enough for the commits of a burst to come together, short enough that nobody notices. */
const debounceMs = 2;

export class Listeners {
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  /** Gives back the function that ends the subscription. */
  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Calls everyone a moment from now, once, however often this is said until then. */
  callSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const listener of this.#listeners) listener();
    }, debounceMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }
}
