import { describe, expect, it } from 'vitest';
import type { Answerer } from './answer.ts';
import { Routes } from './routes.ts';

const answer: Answerer = async () => ({ status: 200 });
const routes = new Routes([
  { path: 'networks', methods: { GET: answer } },
  { path: 'networks/{network_id}', methods: { GET: answer } },
  { path: 'networks/{network_id}/tags/{tag}', methods: { PUT: answer } },
  { path: 'security-groups', methods: { GET: answer } },
  { path: 'quotas/{id}', methods: { GET: answer } },
  { path: 'quotas/project', methods: { GET: answer } },
]);

describe('the path of a request', () => {
  it.each(['networks', 'networks/', 'networks.json', '/networks'])('may be spelt %s', (path) => {
    expect(routes.find(path)?.params).toEqual({});
  });

  it.each(['security-groups', 'security_groups'])('takes dashes and underscores alike: %s', (path) => {
    expect(routes.find(path)).toBeDefined();
  });

  it('names the ids that it holds, decoded', () => {
    expect(routes.find('networks/n1/tags/a%2Fb%20c')?.params).toEqual({ network_id: 'n1', tag: 'a/b c' });
  });

  it('keeps dashes of ids', () => {
    expect(routes.find('networks/a-b.json')?.params).toEqual({ network_id: 'a-b' });
  });

  it('prefers a word of ours to an id', () => {
    expect(routes.find('quotas/project')?.params).toEqual({});
  });

  it.each(['', 'nosuch', 'networks/n1/nosuch', 'networks/n1/tags/t/more', 'networks/%zz'])(
    'is unknown when nothing answers it: "%s"',
    (path) => {
      expect(routes.find(path)).toBeUndefined();
    },
  );

  it('is refused when two routes claim it', () => {
    expect(
      () =>
        new Routes([
          { path: 'a-b', methods: {} },
          { path: 'a_b', methods: {} },
        ]),
    ).toThrow('two routes');
  });
});
