// Views are immutable and share what did not change, so what was made of an object is made again only when the object
// or the circumstances are others. This is what keeps the cost of a change on a full host to the size of the change.

export class Remembered<Key extends object, Made> {
  readonly #made = new WeakMap<Key, Map<string, { readonly circumstances: string; readonly made: Made }>>();

  /**
   * What `make` gives, or gave when it was last asked for this part of this object under equal circumstances. The
   * object, the part and the circumstances together must say everything that `make` depends on.
   */
  of(key: Key, part: string, circumstances: string, make: () => Made): Made {
    let parts = this.#made.get(key);
    if (parts === undefined) this.#made.set(key, (parts = new Map()));
    const known = parts.get(part);
    if (known?.circumstances === circumstances) return known.made;
    const made = make();
    parts.set(part, { circumstances, made });
    return made;
  }
}
