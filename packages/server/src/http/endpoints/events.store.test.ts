// The stream of changes: to whom what is told, and from where.

import { admin, alice, bob, withApi, type Caller } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

interface Told {
  readonly revision: number;
  readonly op: string;
  readonly resource: string;
  readonly id: string;
  readonly object: Readonly<Record<string, unknown>>;
  readonly changed: readonly string[];
  readonly was: object;
}

/** The events in the text of a stream, and the position that it gives last. */
function parse(text: string): { readonly events: readonly Told[]; readonly position: number } {
  const frames = text.split('\n\n').map((frame) => new Map(frame.split('\n').map((line) => fieldOf(line))));
  const events = frames.flatMap((frame) => (frame.has('data') ? [JSON.parse(frame.get('data') ?? '') as Told] : []));
  return { events, position: Number(frames.findLast((frame) => frame.has('id'))?.get('id')) };
}

function fieldOf(line: string): readonly [string, string] {
  const colon = line.indexOf(': ');
  return [line.slice(0, colon), line.slice(colon + 2)];
}

withApi((api) => {
  const network = async (more: object, as: Caller): Promise<string> =>
    (await api.post('/v2.0/networks', { network: more }, as)).body.network.id;
  const position = async (): Promise<number> => parse((await api.get('/v2.0/events?follow=false')).body).position;
  const since = async (revision: number, as: Caller, more = ''): Promise<readonly Told[]> =>
    parse((await api.get(`/v2.0/events?follow=false&since=${revision}${more}`, as)).body).events;

  describe('the events', () => {
    it('tell the owner of each change, what became of it and what is different', async () => {
      const start = await position();
      const id = await network({ name: 'a' }, alice);
      await api.put(`/v2.0/networks/${id}`, { network: { name: 'b' } }, alice);
      await api.remove(`/v2.0/networks/${id}`, alice);
      const told = (await since(start, alice)).filter((each) => each.id === id);
      expect(told.map(({ op, resource, object }) => [op, resource, object['name']])).toEqual([
        ['create', 'network', 'a'],
        ['update', 'network', 'b'],
        ['delete', 'network', 'b'],
      ]);
      expect(told[1]?.changed).toContain('name');
      expect(told[0]?.object).toMatchObject({
        project_id: alice.project,
        mtu: expect.any(Number),
      });
    });

    it('tell nobody of what he could not GET, nor attributes that policy hides from him', async () => {
      const start = await position();
      const id = await network({ name: 'secret' }, alice);
      expect(JSON.stringify(await since(start, bob))).not.toContain(id);
      const port = (await api.post('/v2.0/ports', { port: { network_id: id } }, alice)).body.port.id;
      const [toAlice] = await since(start, alice, `&id=${port}`);
      const [toAdmin] = await since(start, admin, `&id=${port}`);
      expect(toAlice?.object).not.toHaveProperty('binding:host_id');
      expect(toAdmin?.object).toHaveProperty('binding:host_id');
    });

    it('tell those of a shared object with whom it is shared', async () => {
      const id = await network({ name: 'lent' }, alice);
      const policy = { object_type: 'network', object_id: id, action: 'access_as_shared', target_tenant: bob.project };
      const start = await position();
      await api.put(`/v2.0/networks/${id}`, { network: { name: 'unseen' } }, alice);
      expect(await since(start, bob, `&id=${id}`)).toEqual([]);
      await api.post('/v2.0/rbac-policies', { rbac_policy: policy }, alice);
      await api.put(`/v2.0/networks/${id}`, { network: { name: 'seen' } }, alice);
      const told = await since(start, bob, `&id=${id}`);
      expect(told.map(({ object }) => object['name'])).toEqual(['seen']);
      expect(told[0]?.was).toEqual({});
      expect(await since(start, { project: 'carols', roles: ['member', 'reader'] }, `&id=${id}`)).toEqual([]);
    });

    it('are narrowed to kinds, objects and projects', async () => {
      const start = await position();
      const [first, second] = [await network({}, alice), await network({}, bob)];
      await api.post('/v2.0/ports', { port: { network_id: first } }, alice);
      const ids = async (filter: string) => new Set((await since(start, admin, filter)).map(({ id }) => id));
      expect(await ids('&resource=network')).toEqual(new Set([first, second]));
      expect(await ids(`&id=${second}`)).toEqual(new Set([second]));
      expect(await ids(`&resource=network&project_id=${alice.project}`)).toEqual(new Set([first]));
      const kinds = new Set((await since(start, admin, '&resource=port')).map(({ resource }) => resource));
      expect(kinds).toEqual(new Set(['port']));
    });

    it('come in the order of their revisions, none twice and none missing however often they are resumed', async () => {
      const start = await position();
      const made: string[] = [];
      for (let count = 0; count < 5; count += 1) made.push(await network({}, alice));
      const all = (await since(start, alice, '&resource=network')).filter(({ op }) => op === 'create');
      expect(all.map(({ id }) => id)).toEqual(made);
      for (const { revision } of all) {
        const headers = { 'last-event-id': String(revision) };
        const { body } = await api.request('GET', '/v2.0/events?follow=false&resource=network', { as: alice, headers });
        const rest = parse(body).events.filter(({ op }) => op === 'create');
        expect(rest.map(({ id }) => id)).toEqual(all.filter((each) => each.revision > revision).map(({ id }) => id));
      }
    });

    it.each([
      ['since=999999999', 'RevisionNotReached'],
      ['since=x', 'InvalidInput'],
      ['resource=nosuch', 'InvalidInput'],
      ['follow=x', 'InvalidInput'],
    ])('are refused for ?%s', async (query, type) => {
      const { status, body } = await api.get(`/v2.0/events?${query}`, alice);
      expect([status, body.NeutronError.type]).toEqual([400, type]);
    });
  });

  it('follow what happens while they are read', async () => {
    const ended = new AbortController();
    const headers = { 'x-user-id': 'u', 'x-project-id': alice.project, 'x-roles': 'member,reader' };
    const answer = await fetch(`${api.url()}/v2.0/events?resource=network`, { headers, signal: ended.signal });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const id = await network({ name: 'live' }, alice);
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes(id)) break;
    }
    expect(parse(text).events.at(-1)).toMatchObject({ id, op: 'create' });
    ended.abort();
  });
});
