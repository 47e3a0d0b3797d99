import { Validator } from '@seriousme/openapi-schema-validator';
import { catalogue } from '@neutronium/model/catalogue';
import { openApiDocument } from '@neutronium/model/openapi';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';

// What the server sends is JSON.
const document = JSON.parse(JSON.stringify(openApiDocument(catalogue, '0.1.0'))) as Readonly<Record<string, unknown>>;

interface Located {
  readonly pointer: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Every object within a value, with the JSON Pointer (RFC 6901) to it. */
function objectsIn(value: unknown, pointer = ''): readonly Located[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, member]) =>
    objectsIn(member, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
  // Neither null nor, as far as keys go, different from a list.
  return [{ pointer, value: value as Readonly<Record<string, unknown>> }, ...inner];
}

describe('the OpenAPI document', () => {
  it('is one, by the schema of OpenAPI 3.1', async () => {
    expect(await new Validator().validate({ ...document })).toEqual({ valid: true });
  });

  it('gives examples that its own schemas accept', () => {
    const validator = new Ajv2020({ strict: false });
    addFormats.default(validator);
    validator.addSchema({ $id: 'openapi', ...document });
    const bad = objectsIn(document).flatMap(({ pointer, value: { examples } }) => {
      if (!Array.isArray(examples)) return [];
      const at = pointer.split('/').map(encodeURIComponent).join('/');
      const validate = validator.compile({ $ref: `openapi#${at}` });
      return examples.filter((example) => !validate(example)).map((example: unknown) => [pointer, example]);
    });
    expect(bad).toEqual([]);
  });

  it('says of every object in an answer which members it may have', () => {
    const schemas = objectsIn(document['components']).filter(({ value }) => value['type'] === 'object');
    expect(schemas.length).toBeGreaterThan(catalogue.length);
    const open = schemas.filter(({ value }) => 'properties' in value && value['additionalProperties'] === undefined);
    expect(open.map(({ pointer }) => pointer)).toEqual([]);
  });
});
