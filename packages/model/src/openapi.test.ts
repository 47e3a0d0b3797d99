import { describe, expect, it } from 'vitest';
import { catalogue } from './catalogue.ts';
import { openApiDocument } from './openapi.ts';

const document = openApiDocument(catalogue, '0.1.0');

/** Every `$ref` in a value. */
function refsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === '$ref' && typeof item === 'string' ? [item] : refsIn(item),
  );
}

describe('the OpenAPI document', () => {
  it('has a path for every request that a resource takes', () => {
    const operations = Object.values(document.paths).flatMap((path) =>
      Object.values(path).flatMap((operation) => ('operationId' in operation ? [operation.operationId] : [])),
    );
    expect(new Set(operations).size).toBe(operations.length);
    for (const { name, plural, operations: offered, actions, related } of catalogue) {
      for (const operation of offered) {
        if (operation === 'bulk') continue;
        expect(operations).toContain(operation === 'list' ? `list_${plural}` : `${operation}_${name}`);
      }
      for (const [path, { operations: offered }] of Object.entries(related)) {
        for (const verb of offered) expect(operations).toContain(`${verb}_${path.replace('-', '_')}_of_${name}`);
      }
      for (const action of Object.keys(actions)) expect(operations).toContain(`${name}_${action}`);
    }
  });

  it('refers only to what it holds', () => {
    for (const ref of refsIn(document)) {
      const found = ref
        .slice('#/'.length)
        .split('/')
        .reduce<unknown>(
          (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
          document,
        );
      expect(found, ref).toBeTypeOf('object');
    }
  });
});
