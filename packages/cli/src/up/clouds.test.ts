import { parse } from 'yaml';
import { expect, it } from 'vitest';
import { renderClouds } from './clouds.ts';

it('writes what the openstack client needs to log in, whatever is in a password', () => {
  const password = `'": #\n{`;
  const text = renderClouds('http://127.0.0.1:9696/identity/v3', [
    { name: 'neutronium', username: 'admin', password, project: 'admin' },
  ]);
  expect(parse(text)).toMatchObject({
    clouds: { neutronium: { auth: { username: 'admin', password, project_name: 'admin' }, identity_api_version: 3 } },
  });
});
