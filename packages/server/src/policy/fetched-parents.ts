import type { ParentNeed, ParentRequest, Target } from './evaluate.ts';

/** The parents that one session has fetched or is about to fetch, found without making a key for each question. */
export class FetchedParents {
  /** By resource, by who looks, by id; undefined where there is no record. */
  readonly #records = new Map<string, Map<string | null, Map<string, Target | undefined>>>();

  find(need: ParentNeed, target: Target): Target | undefined {
    const id = need.id(target);
    return id === undefined ? undefined : this.#records.get(need.resource(target))?.get(need.seenBy(target))?.get(id);
  }

  /** What is to be fetched for the target; undefined when that is nothing, or has been claimed before. */
  claim(need: ParentNeed, target: Target): ParentRequest | undefined {
    const id = need.id(target);
    if (id === undefined) return undefined;
    const resource = need.resource(target);
    const seenBy = need.seenBy(target);
    if (this.#records.get(resource)?.get(seenBy)?.has(id) === true) return undefined;
    const request = { resource, id, seenBy };
    this.set(request, undefined);
    return request;
  }

  /** The parent that the target names but that was looked for in vain. */
  absent(need: ParentNeed, target: Target): ParentRequest | undefined {
    const id = need.id(target);
    if (id === undefined) return undefined;
    const [resource, seenBy] = [need.resource(target), need.seenBy(target)];
    const byId = this.#records.get(resource)?.get(seenBy);
    return byId?.has(id) === true && byId.get(id) === undefined ? { resource, id, seenBy } : undefined;
  }

  set({ resource, id, seenBy }: ParentRequest, record: Target | undefined): void {
    const bySeer = this.#records.get(resource) ?? new Map<string | null, Map<string, Target | undefined>>();
    this.#records.set(resource, bySeer);
    const byId = bySeer.get(seenBy) ?? new Map<string, Target | undefined>();
    bySeer.set(seenBy, byId);
    byId.set(id, record);
  }
}
