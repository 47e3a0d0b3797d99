// A sequence of requests that means the same to two servers that give their objects different ids: a body or path
// speaks of objects as `$network.0`, the first network of the run, and each side puts its own id there.

export interface Step {
  readonly as: Caller;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** May hold references. */
  readonly path: string;
  /** Any JSON, in which strings may be references; absent for no body. */
  readonly body?: unknown;
  /** What references call an object that this step creates; absent for a step that creates nothing. */
  readonly creates?: string;
  /** What references call the objects that this step lists, in the order of the list. */
  readonly names?: string;
  /** The revision that the object at `path` must have. */
  readonly ifMatch?: Revision | undefined;
}

/** Nova is an administrator who is a service too. */
export type Caller = 'admin' | 'owner' | 'stranger' | 'nova';

/** The one that the object has, one that it will not reach, or no number. */
export type Revision = 'current' | 'stale' | 'rubbish';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What lists of other runs would show too, by what references call it, in an order in which it can be removed. */
const ofEveryRun: readonly (readonly [string, string])[] = [
  ['flavored', 'routers'],
  ['hosted', 'routers'],
  ['flavor', 'flavors'],
  ['profile', 'service_profiles'],
];

/** What a reference to nothing becomes: an id that no object has. */
const nobody = '00000000-0000-4000-8000-000000000000';

const rolesOf: Readonly<Record<Caller, string>> = {
  admin: 'admin,member,reader',
  owner: 'member,reader',
  stranger: 'member,reader',
  nova: 'admin,service,member,reader',
};

/** One server and what it calls the objects of this run. */
export class Side {
  readonly #url: string;
  readonly #projects: Readonly<Record<Caller, string>>;
  /** Ids by kind, in the order of creation. */
  readonly #ids = new Map<string, string[]>();
  readonly #names = new Map<string, string>();

  constructor(url: string, run: string) {
    this.#url = url;
    const project = (who: string) => `${run}-${who}`;
    this.#projects = {
      admin: project('admin'),
      owner: project('owner'),
      stranger: project('stranger'),
      nova: project('nova'),
    };
    for (const [who, id] of Object.entries(this.#projects)) this.#names.set(id, `<project ${who}>`);
    this.#names.set(url, '');
  }

  async send(step: Step): Promise<Answer> {
    const path = this.#resolve(step.path);
    const response = await fetch(this.#url + path, {
      method: step.method,
      headers: {
        ...this.#headers(step.as),
        ...(step.ifMatch === undefined ? {} : { 'if-match': await this.#revision(path, step.ifMatch) }),
      },
      ...(step.body === undefined ? {} : { body: this.#resolve(JSON.stringify(step.body)) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Remembers the objects of a successful creation as more of their kind. */
  remember(kind: string, answer: Answer): void {
    for (const object of objectsOf(answer)) {
      const ids = this.#ids.get(kind) ?? [];
      this.#names.set(object.id, `<${kind} ${ids.length}>`);
      this.#ids.set(kind, [...ids, object.id]);
    }
  }

  /** Takes away what `step` has created, as if it had been refused. */
  async undo({ path }: Step, answer: Answer): Promise<void> {
    await this.#removeEach(path.slice('/v2.0/'.length), answer);
  }

  /** Takes away what of this run would be in the way of others: its wires, its shared networks, its default pools. */
  async removeShared(whose: readonly Caller[]): Promise<void> {
    for (const [kind, plural] of ofEveryRun) {
      for (const id of this.#ids.get(kind) ?? []) {
        await this.send({ as: 'admin', method: 'DELETE', path: `/v2.0/${plural}/${id}` });
      }
    }
    const owned = whose.map((who) => `project_id=${this.#projects[who]}`).join('&');
    for (const which of [owned, 'shared=true']) {
      const networks = await this.#list('networks', which);
      const onThem = objectsOf(networks).map(({ id }) => `network_id=${id}`);
      if (onThem.length > 0) await this.#removeEach('ports', await this.#list('ports', onThem.join('&')));
      await this.#removeEach('networks', networks);
    }
    await this.#removeEach('subnetpools', await this.#list('subnetpools', owned));
  }

  /** Takes away all network segment ranges but the default ones, which nobody can. */
  async removeRanges(): Promise<void> {
    const { status, body } = await this.#list('network_segment_ranges', 'fields=default');
    const made = objectsOf({ status, body }).filter((range) => !('default' in range && range.default === true));
    await this.#removeEach('network_segment_ranges', { status, body: { made } });
  }

  /** `text` with our names in the place of this server's ids. */
  anonymous(text: string): string {
    let result = text;
    for (const [id, name] of this.#names) result = result.replaceAll(id, name);
    return result;
  }

  #list(plural: string, query: string): Promise<Answer> {
    return this.send({ as: 'admin', method: 'GET', path: `/v2.0/${plural}?fields=id&${query}` });
  }

  async #removeEach(plural: string, answer: Answer): Promise<void> {
    for (const { id } of objectsOf(answer)) {
      await this.send({ as: 'admin', method: 'DELETE', path: `/v2.0/${plural}/${id}` });
    }
  }

  #headers(who: Caller): Record<string, string> {
    return {
      'content-type': 'application/json',
      'x-user-id': who,
      'x-project-id': this.#projects[who],
      'x-roles': rolesOf[who],
    };
  }

  async #revision(path: string, wanted: Revision): Promise<string> {
    if (wanted === 'rubbish') return 'revision_number=rubbish';
    const response = await fetch(this.#url + path, { headers: this.#headers('admin') });
    const body = (await response.json()) as Record<string, { revision_number?: number }>;
    const revision = Object.values(body)[0]?.revision_number ?? 0;
    return `revision_number=${wanted === 'current' ? revision : revision + 1000}`;
  }

  #resolve(text: string): string {
    return text
      .replaceAll(/\$project\((owner|stranger|admin)\)/g, (_, who: Caller) => this.#projects[who])
      .replaceAll(/\$([\w-]+)\.(\d+)/g, (_, kind: string, index: string) => {
        const ids = this.#ids.get(kind) ?? [];
        return ids[Number(index) % Math.max(1, ids.length)] ?? nobody;
      });
  }
}

/** The resources of an answer, which has one member for them: {"port": {…}} or {"ports": [{…}]}. */
function objectsOf({ body }: Answer): readonly { readonly id: string }[] {
  if (typeof body !== 'object' || body === null) return [];
  const [resources] = Object.values(body) as ({ id: string } | { id: string }[])[];
  return resources === undefined ? [] : [resources].flat();
}
