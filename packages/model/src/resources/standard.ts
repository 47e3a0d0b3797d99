// Attributes that every resource of a project has, so that clients can treat objects alike.

import { computed, optional, required } from '../attribute.ts';
import { integer } from '../kinds/integer.ts';
import { tags } from '../kinds/tags.ts';
import { text } from '../kinds/text.ts';
import { timestamp } from '../kinds/timestamp.ts';
import { uuid } from '../kinds/uuid.ts';

/** The id and the owner. The owner's old name, tenant_id, is accepted and shown beside it. */
export const identity = {
  id: computed(uuid, 'Names the object for as long as it exists.', { filter: true, sort: true }),
  project_id: required(text(255), 'The project that owns the object.', {
    createOnly: true,
    filter: true,
    sort: true,
    requiredByPolicy: true,
    index: true,
  }),
} as const;

/** What is kept about every object, and about those that cannot be tagged. */
export const untagged = {
  description: optional(text(255), 'What people should know about the object.', {
    default: '',
    filter: true,
    extension: 'standard-attr-description',
  }),
  created_at: computed(timestamp, 'When the object was created.', { extension: 'standard-attr-timestamp' }),
  updated_at: computed(timestamp, 'When the object was last changed.', { extension: 'standard-attr-timestamp' }),
  revision_number: computed(integer({ min: 0 }), 'Grows with every change, for `If-Match: revision_number=N`.', {
    filter: true,
    extension: 'standard-attr-revisions',
  }),
} as const;

/** What is kept about every object that can be tagged. */
export const standard = {
  description: untagged.description,
  tags: computed(tags, 'Words by which lists are searched.', {
    childTable: 'tags',
    extension: 'standard-attr-tag',
  }),
  created_at: untagged.created_at,
  updated_at: untagged.updated_at,
  revision_number: untagged.revision_number,
} as const;
