// The tags of one object, as a small resource of their own below it: `/v2.0/networks/{network_id}/tags/{tag}`. Every
// resource that is declared with tags has them.

import { HTTPBadRequest, TagNotFound, TagResourceNotFound } from '@neutronium/model/errors';
import { invariant } from '@neutronium/net/invariant';
import { collectionPaths, type AnyResource, type Stored } from '@neutronium/model/resource';
import type { Answer, Answerer, ApiRequest } from '../answer.ts';
import { authorizeOnVisible } from '../authorize-visible.ts';
import { complete, findVisible, policySession, type Engine } from '../engine.ts';
import { parseJsonBody } from '../json-body.ts';
import { readRevisionConstraint, requireRevision } from '../revision-constraint.ts';
import type { Route } from '../routes.ts';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../../resources/handlers.ts';
import { maxTags, readTagList, requireTag } from './tag-list.ts';
import { write } from '../write.ts';

export function tagRoutes(engine: Engine, handlers: Handlers): readonly Route[] {
  const { resource } = handlers;
  if (!resource.tagged) return [];
  const idName = `${resource.name}_id`;
  const tagged = new TaggedResource(engine, asTagResource(handlers), idName);
  return collectionPaths(resource).flatMap((collection) => [
    {
      path: `${collection}/{${idName}}/tags`,
      methods: {
        GET: (request) => tagged.list(request),
        PUT: (request) => tagged.replace(request),
        POST: (request) => tagged.add(request),
        DELETE: (request) => tagged.clear(request),
      },
    },
    {
      path: `${collection}/{${idName}}/tags/{tag}`,
      methods: {
        GET: (request) => tagged.has(request),
        PUT: (request) => tagged.addOne(request),
        DELETE: (request) => tagged.removeOne(request),
      },
    },
  ]);
}

/** The same resource with the error that requests about its tags get when there is no such object. */
function asTagResource(handlers: Handlers): Handlers {
  return {
    resource: handlers.resource,
    notFound: (id) => new TagResourceNotFound({ resource: handlers.resource.plural, resource_id: id }),
    derive: (call, records, fields) => handlers.derive(call, records, fields),
  };
}

type Verb = 'get' | 'create' | 'update' | 'delete';

class TaggedResource {
  readonly #engine: Engine;
  readonly #handlers: Handlers;
  readonly #idName: string;

  constructor(engine: Engine, handlers: Handlers, idName: string) {
    this.#engine = engine;
    this.#handlers = handlers;
    this.#idName = idName;
  }

  list: Answerer = (request) => this.#read(request, (tags) => ({ status: 200, body: { tags } }));

  has: Answerer = (request) =>
    this.#read(request, (tags) => {
      const tag = tagOf(request);
      if (!tags.includes(tag)) throw new TagNotFound({ tag });
      return { status: 204 };
    });

  async replace(request: ApiRequest): Promise<Answer> {
    const tags = readTagList(parseJsonBody(request.body));
    await this.#change(request, 'update', () => tags);
    return { status: 200, body: { tags } };
  }

  async add(request: ApiRequest): Promise<Answer> {
    const added = readTagList(parseJsonBody(request.body));
    const tags = await this.#change(request, 'create', (current) => union(current, added));
    return { status: 200, body: { tags } };
  }

  async addOne(request: ApiRequest): Promise<Answer> {
    const tag = tagOf(request);
    requireTag(tag);
    await this.#change(request, 'update', (current) => union(current, [tag]));
    // Neutron sends JSON's null here, and clients parse it.
    return { status: 201, body: null };
  }

  async clear(request: ApiRequest): Promise<Answer> {
    await this.#change(request, 'delete', () => []);
    return { status: 204 };
  }

  async removeOne(request: ApiRequest): Promise<Answer> {
    const tag = tagOf(request);
    await this.#change(request, 'delete', (current) => {
      if (!current.includes(tag)) throw new TagNotFound({ tag });
      return current.filter((other) => other !== tag);
    });
    return { status: 204 };
  }

  #read(request: ApiRequest, answer: (tags: readonly string[]) => Answer): Promise<Answer> {
    return this.#engine.store.read(async (store) => {
      const record = await this.#authorized({ context: request.context, store }, request, 'get');
      return answer(tagsOf(record));
    });
  }

  #change(
    request: ApiRequest,
    verb: Verb,
    next: (current: readonly string[]) => readonly string[],
  ): Promise<readonly string[]> {
    const revision = readRevisionConstraint(request.ifMatch);
    return write(this.#engine, request.context, async (call: Call<Writer>) => {
      const record = await this.#authorized(call, request, verb);
      requireRevision(revision, record);
      const tags = next(tagsOf(record)).toSorted();
      if (tags.length > maxTags) {
        throw new HTTPBadRequest({ message: `The number of tags exceed the per-resource limit of ${maxTags}` });
      }
      await call.store.update(this.#handlers.resource, this.#idOf(request), { tags });
      return tags;
    });
  }

  async #authorized(call: Call<Reader>, request: ApiRequest, verb: Verb): Promise<Stored<AnyResource>> {
    const { resource } = this.#handlers;
    const found = await findVisible(this.#handlers, call, this.#idOf(request));
    const [record] = await complete(this.#handlers, call, [found]);
    await authorizeOnVisible(policySession(this.#engine, call), {
      resource,
      rules: [`${verb}_${resource.name}:tags`],
      record: record ?? {},
      changes: {},
    });
    return found;
  }

  #idOf(request: ApiRequest): string {
    return request.params[this.#idName] ?? '';
  }
}

function tagOf(request: ApiRequest): string {
  return request.params['tag'] ?? '';
}

/** The declaration gives a tagged resource a list of texts by this name. */
function tagsOf(record: Stored<AnyResource>): readonly string[] {
  const tags = record['tags'];
  invariant(Array.isArray(tags), 'a tagged record has a list of tags');
  return tags.map(String);
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])];
}
