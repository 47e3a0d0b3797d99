import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '@neutronium/model/api-error';
import { catalogue } from '@neutronium/model/catalogue';
import { readCreateBody, readUpdateBody } from '@neutronium/model/read-body';
import { readQuery } from '@neutronium/model/read-query';
import { port } from '@neutronium/model/resources/port';
import { anyBody, validCreate, validUpdate } from './bodies.ts';
import { anyQuery } from './queries.ts';

const sender = { projectId: 'p1', mayNameOwner: false };
const creatable = catalogue.filter(({ operations }) => operations.includes('create'));
const updatable = catalogue.filter(({ operations }) => operations.includes('update'));

/** Whether reading goes through; anything but a declared error is a fault of the reader. */
function isRead(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}

describe('requests made from a declaration', () => {
  it.each(creatable.map((resource) => [resource.name, resource] as const))('create %s', (name, resource) => {
    fc.assert(
      fc.property(validCreate(resource), (fields) => {
        expect(readCreateBody(resource, { [name]: fields }, sender).items).toHaveLength(1);
      }),
    );
  });

  it.each(updatable.map((resource) => [resource.name, resource] as const))('change %s', (name, resource) => {
    fc.assert(
      fc.property(validUpdate(resource), (fields) => {
        expect(Object.keys(readUpdateBody(resource, { [name]: fields }, sender)).toSorted()).toEqual(
          Object.keys(fields).toSorted(),
        );
      }),
    );
  });

  it('are both read and refused when they are rubbish', () => {
    const bodies = fc.sample(anyBody(port), { numRuns: 500, seed: 1 });
    const read = bodies.filter((body) => isRead(() => readCreateBody(port, body, sender)));
    expect(read.length).toBeGreaterThan(25);
    expect(read.length).toBeLessThan(475);
  });

  it('have queries that are both read and refused', () => {
    const queries = fc.sample(anyQuery(port), { numRuns: 500, seed: 1 });
    const read = queries.filter((query) => isRead(() => readQuery(port, new URLSearchParams(query))));
    expect(read.length).toBeGreaterThan(25);
    expect(read.length).toBeLessThan(475);
  });

  it('name what is there when they are told what is', () => {
    const known = { network_id: ['7f3c0f6e-2a9b-4a3e-9d54-4f3f6a1c2b99'] };
    const ports = fc.sample(validCreate(port, known), { numRuns: 100, seed: 1 });
    expect(ports.filter((fields) => fields['network_id'] === known.network_id[0]).length).toBeGreaterThan(30);
  });
});
