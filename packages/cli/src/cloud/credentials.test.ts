import { describe, expect, it } from 'vitest';
import { renderClouds } from '../up/clouds.ts';
import { credentialsFromClouds, credentialsFromVariables } from './credentials.ts';

const variables = { OS_AUTH_URL: 'http://k/v3', OS_USERNAME: 'u', OS_PASSWORD: 'p', OS_PROJECT_NAME: 'pr' };

describe('credentials', () => {
  it('come from variables, with Keystone’s default domain', () => {
    expect(credentialsFromVariables(variables)).toEqual({
      cloud: null,
      authUrl: 'http://k/v3',
      username: 'u',
      password: 'p',
      userDomain: 'Default',
      project: 'pr',
      projectDomain: 'Default',
    });
  });

  it('do not come from variables without OS_AUTH_URL', () => {
    expect(credentialsFromVariables({ ...variables, OS_AUTH_URL: undefined })).toBeNull();
  });

  it('are refused when a variable is missing, by its name', () => {
    expect(() => credentialsFromVariables({ ...variables, OS_PASSWORD: '' })).toThrow('OS_PASSWORD');
  });

  it('come from the clouds.yaml that `up` writes', () => {
    const text = renderClouds('http://k/identity/v3', [
      { name: 'demo', username: 'demo', password: 'secret', project: 'demo' },
    ]);
    expect(credentialsFromClouds(text, { cloud: 'demo', file: 'clouds.yaml' })).toMatchObject({
      cloud: 'demo',
      authUrl: 'http://k/identity/v3',
      password: 'secret',
      project: 'demo',
    });
  });

  it('name the clouds that there are when the wanted one is not there', () => {
    const text = renderClouds('http://k', [{ name: 'demo', username: 'u', password: 'p', project: 'x' }]);
    expect(() => credentialsFromClouds(text, { cloud: 'other', file: 'c.yaml' })).toThrow(
      'c.yaml has no cloud other; it has: demo',
    );
  });
});
