// The links by which clients turn pages. A page is first or last only by its length: the first page also links to a
// previous one and a full last page to a next one, both of which are then empty. Clients stop at an empty page.

import type { ListQuery } from './read-query.ts';

export interface PageLink {
  readonly rel: 'next' | 'previous';
  readonly href: string;
}

export interface Page {
  /** The address of the list as the client sees it, without the query. */
  readonly url: string;
  /** The query of the request, whose other parameters the links repeat. */
  readonly query: URLSearchParams;
  readonly page: Pick<ListQuery, 'limit' | 'pageReverse'>;
  /** Primary keys of the page's objects, in order. */
  readonly ids: readonly string[];
}

/** The links of a page; none when the list was not paged. */
export function pageLinks({ url, query, page, ids }: Page): readonly PageLink[] {
  if (page.limit === null) return [];
  const short = ids.length < page.limit;
  const links: PageLink[] = [];
  if (!short || page.pageReverse) links.push({ rel: 'next', href: href(url, query, ids.at(-1), false) });
  if (!short || !page.pageReverse) links.push({ rel: 'previous', href: href(url, query, ids[0], true) });
  return links;
}

function href(url: string, query: URLSearchParams, marker: string | undefined, reverse: boolean): string {
  const params = new URLSearchParams(query);
  params.delete('marker');
  params.delete('page_reverse');
  if (marker !== undefined) params.append('marker', marker);
  if (reverse) params.append('page_reverse', 'True');
  return `${url}?${params.toString()}`;
}
