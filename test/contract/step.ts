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
}

export type Caller = 'admin' | 'owner' | 'stranger';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What a reference to nothing becomes: an id that no object has. */
const nobody = '00000000-0000-4000-8000-000000000000';

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
    this.#projects = { admin: project('admin'), owner: project('owner'), stranger: project('stranger') };
    for (const [who, id] of Object.entries(this.#projects)) this.#names.set(id, `<project ${who}>`);
  }

  async send(step: Step): Promise<Answer> {
    const roles = step.as === 'admin' ? 'admin,member,reader' : 'member,reader';
    const response = await fetch(this.#url + this.#resolve(step.path), {
      method: step.method,
      headers: {
        'content-type': 'application/json',
        'x-user-id': step.as,
        'x-project-id': this.#projects[step.as],
        'x-roles': roles,
      },
      ...(step.body === undefined ? {} : { body: this.#resolve(JSON.stringify(step.body)) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Remembers the objects of a successful creation as more of their kind. */
  remember(kind: string, answer: Answer): void {
    for (const object of createdObjects(answer.body)) {
      const ids = this.#ids.get(kind) ?? [];
      this.#names.set(object.id, `<${kind} ${ids.length}>`);
      this.#ids.set(kind, [...ids, object.id]);
    }
  }

  /** `text` with our names in the place of this server's ids. */
  anonymous(text: string): string {
    let result = text;
    for (const [id, name] of this.#names) result = result.replaceAll(id, name);
    return result;
  }

  #resolve(text: string): string {
    return text
      .replaceAll(/\$(\w+)\.(\d+)/g, (_, kind: string, index: string) => {
        const ids = this.#ids.get(kind) ?? [];
        return ids[Number(index) % Math.max(1, ids.length)] ?? nobody;
      })
      .replaceAll(/\$project\(?(owner|stranger|admin)\)?/g, (_, who: Caller) => this.#projects[who]);
  }
}

function createdObjects(body: unknown): readonly { id: string }[] {
  if (typeof body !== 'object' || body === null) return [];
  // The answer of a creation has one member: {"port": {…}} or {"ports": [{…}]}.
  const [created] = Object.values(body) as ({ id: string } | { id: string }[])[];
  return created === undefined ? [] : [created].flat();
}
