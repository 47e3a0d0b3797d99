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
    for (const resource of catalogue) {
      const offered = resource.operations.filter((operation) => operation !== 'bulk').length;
      const mine = operations.filter((id) => new RegExp(`_${resource.name}$|_${resource.plural}$`).test(String(id)));
      expect(mine, resource.name).toHaveLength(offered);
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
