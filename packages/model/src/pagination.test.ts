import { describe, expect, it } from 'vitest';
import { pageLinks, type Page } from './pagination.ts';

const url = 'http://127.0.0.1:9696/v2.0/networks';

function links(query: string, ids: readonly string[], page: Page['page']): Record<string, string> {
  const made = pageLinks({ url, query: new URLSearchParams(query), page, ids });
  return Object.fromEntries(made.map(({ rel, href }) => [rel, href]));
}

describe('links of a page', () => {
  it('lead both ways from a full page, even the first', () => {
    expect(links('limit=2&name=a', ['1', '2'], { limit: 2, pageReverse: false })).toEqual({
      next: `${url}?limit=2&name=a&marker=2`,
      previous: `${url}?limit=2&name=a&marker=1&page_reverse=True`,
    });
  });

  it('lead back only from a short page', () => {
    expect(links('limit=2&marker=0', ['1'], { limit: 2, pageReverse: false })).toEqual({
      previous: `${url}?limit=2&marker=1&page_reverse=True`,
    });
  });

  it('lead forth only from a short page that was turned backwards', () => {
    expect(links('limit=2&marker=3&page_reverse=True', ['1'], { limit: 2, pageReverse: true })).toEqual({
      next: `${url}?limit=2&marker=1`,
    });
  });

  it('have no marker where the page is empty', () => {
    expect(links('limit=2&marker=9', [], { limit: 2, pageReverse: false })).toEqual({
      previous: `${url}?limit=2&page_reverse=True`,
    });
  });

  it('are absent without a limit', () => {
    expect(links('', ['1'], { limit: null, pageReverse: false })).toEqual({});
  });
});
