// The list of extensions that clients look into before they use one. Neutron answers it before its controllers come in,
// so an unknown alias is answered in the older shape of errors.

import { extensions, type Extension } from '@neutronium/model/extensions';
import type { Answer } from '../answer.ts';
import type { Route } from '../routes.ts';

/** `absent` are those that the configuration switches off. */
export function extensionRoutes(absent: ReadonlySet<string>): readonly Route[] {
  const offered = [...extensions.values()].filter(({ alias }) => !absent.has(alias));
  const all = offered.map(shown);
  return [
    {
      path: 'extensions',
      methods: {
        GET: async () => ({ status: 200, body: { extensions: all } }),
        POST: async () => notFound('Resource not found.'),
      },
    },
    {
      path: 'extensions/{alias}',
      methods: {
        GET: async ({ params: { alias = '' } }) => {
          const extension = offered.find((each) => each.alias === alias);
          return extension === undefined
            ? notFound(`Extension with alias ${alias} does not exist`)
            : { status: 200, body: { extension: shown(extension) } };
        },
      },
    },
  ];
}

function shown({ alias, name, description, updated }: Extension): object {
  return { alias, name, description, updated, links: [] };
}

function notFound(message: string): Answer {
  return { status: 404, body: { code: '404 Not Found', title: 'Not Found', message } };
}
