import { ApiError } from '@neutronium/model/api-error';
import type { AnyResource, Stored } from '@neutronium/model/resource';
import type { Call, Handlers } from '../resources/handlers.ts';
import type { Reader } from '../store/store.ts';
import { withParent, type Engine } from './engine.ts';

/** Records that are parts are looked at within what they are parts of, if the caller may see that. */
export async function inTheirPlaces(
  engine: Engine,
  handlers: Handlers,
  call: Call<Reader>,
  records: readonly Stored<AnyResource>[],
): Promise<readonly (readonly [Call<Reader>, readonly Stored<AnyResource>[]])[]> {
  const { parent } = handlers.resource;
  if (parent === undefined) return [[call, records]];
  const places: (readonly [Call<Reader>, readonly Stored<AnyResource>[]])[] = [];
  for (const [id, parts] of Map.groupBy(records, (record) => String(Reflect.get(record, parent.attribute)))) {
    const place = await placeOf(engine, handlers, call, { [`${parent.name}_id`]: id });
    if (place !== undefined) places.push([place, parts]);
  }
  return places;
}

async function placeOf(
  engine: Engine,
  handlers: Handlers,
  call: Call<Reader>,
  params: Readonly<Record<string, string>>,
): Promise<Call<Reader> | undefined> {
  try {
    return await withParent(engine, handlers, call, params);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
