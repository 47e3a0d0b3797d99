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
  it('is the one that was reviewed', async () => {
    await expect(`${JSON.stringify(document, undefined, 2)}\n`).toMatchFileSnapshot('golden/openapi.json');
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
